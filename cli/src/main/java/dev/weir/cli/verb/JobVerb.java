package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.WeirException;
import dev.weir.cli.job.Job;
import dev.weir.cli.job.Rounds;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.Connection;
import dev.weir.clients.publish.RunName;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "job",
        description = {
            "Merges snapshots beside the stream, round after round, until it is stopped: a round pulls the versions that one",
            "trainer step made in every source, merges them as weir merge does, and publishes the result as that step of RUN",
            "to another model, whose channels then serve it. A job that is started again goes on where the one before ended.",
            "With --json, a line each round. With --once, exits with 1 if a round failed."
        },
        footer = {
            "",
            "Example:",
            "  weir job --operator regmean --from net/raw@task-a --from net/raw@task-b --side gram=grams/raw@task-a \\",
            "    --side gram=grams/raw@task-b --to merged --run regmean"
        })
final class JobVerb implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final MergeOptions options = new MergeOptions();

    @Option(
            names = "--from",
            required = true,
            split = ",",
            paramLabel = "SOURCE",
            description =
                    "Where the inputs come from, in their order: MODEL/CHANNEL@RUN, the versions that RUN's checkpoints"
                            + " made, or MODEL/CHANNEL:VERSION, one version in every round.")
    private List<String> from = List.of();

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "1",
            description = "Take the newest N versions of the run up to the step, as N inputs (default: 1).")
    private int last;

    @Option(
            names = "--side",
            paramLabel = "NAME=SOURCE",
            description =
                    "Where second files come from, such as gram=grams/raw@task-a; one for each --from, in their order.")
    private List<String> sides = List.of();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "MODEL",
            description = "The model that takes the results; it has a plan, and the job reads none of its channels.")
    private String to = "";

    @Option(names = "--run", required = true, paramLabel = "RUN", description = "The run whose steps the results are.")
    private String run = "";

    @Option(names = "--once", description = "End when all rounds are done whose versions are there.")
    private boolean once;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = ".weir-job",
            description = "Where pulled versions lie meanwhile, below MODEL/RUN (default: .weir-job).")
    private Path directory = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        RunName.check(run);
        JobSources sources = JobSources.of(options.chosen(), from, sides, last);
        sources.check(to);
        client.reach().close();
        Connection connection = client.connection();
        sources.checkPlans(connection, to);
        JobReport report =
                new JobReport(Objects.requireNonNull(spec).commandLine().getOut(), json.json());
        Duration patience = client.timeoutGiven() ? client.timeout() : PATIENCE;
        try {
            new OnSignal().run(() -> {
                try (Job job = new Job(
                        connection,
                        new Job.Target(to, run, patience),
                        new Rounds(sources.models(), sources.sides(), last),
                        sources::merge,
                        directory.resolve(to).resolve(run))) {
                    report.end(job.run(once, report));
                }
            });
        } catch (SafetensorsException | UncheckedIOException broken) {
            throw new WeirException(
                    "--dir " + directory, String.valueOf(broken.getMessage()), "", "give another directory", broken);
        }
        return report.failed() == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
}
