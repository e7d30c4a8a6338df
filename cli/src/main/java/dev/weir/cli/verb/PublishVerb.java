package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.cli.watch.WatchPublisher;
import dev.weir.clients.feedback.FeedbackReader;
import dev.weir.clients.publish.CompanionFile;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Provenance;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "publish",
        description = {
            "Publishes a checkpoint and waits until it is accepted and every snapshot due from it is complete; several one",
            "after another, each as the exact difference against the one before where that gets it through sooner.",
            "Exits with 1 and says why at the first that is rejected. --timeout limits each wait (default: 10 minutes).",
            "With --watch it publishes what a trainer writes into a directory, as one publisher, until Ctrl-C; a rejected one does",
            "not stop it, and with --json each has a line of its own."
        },
        footer = {
            "",
            "Examples:",
            "  weir publish --model mnist --run run-1 --step 420 step-420.safetensors",
            "  weir publish --model mnist --run run-1 --watch checkpoints"
        })
final class PublishVerb implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a plan.")
    private String model = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "RUN",
            description = "The training run; its next epoch begins.")
    private String run = "";

    @Option(
            names = "--step",
            split = ",",
            paramLabel = "STEP",
            description = "The trainer's step of each file; a run's steps grow.")
    private List<Long> steps = List.of();

    @Mixin
    private final WatchOptions watch = new WatchOptions();

    @Option(
            names = "--encoding",
            paramLabel = "ENCODING",
            defaultValue = "auto",
            description = "How chunks travel after the first file: auto, full, fast or entropy (default: auto).")
    private String encoding = "";

    @Option(
            names = "--anchor-every",
            paramLabel = "N",
            defaultValue = "16",
            description = "One checkpoint in so many travels in full (default: 16).")
    private int anchorEvery;

    @Option(
            names = "--input",
            paramLabel = "NAME=NUMBER",
            description = "A side input of the checkpoint, such as loss=0.31; with several files, a number for each.")
    private Map<String, String> inputs = Map.of();

    @Option(
            names = "--side",
            paramLabel = "NAME=FILE",
            description =
                    "A second file of the checkpoint with a number for each element, such as fisher=FILE; with several"
                            + " files, one for each, in their order.")
    private List<String> sides = List.of();

    @Option(
            names = "--provenance",
            paramLabel = "KEY=VALUE",
            description = {
                "What the run descends from, such as ancestor=NAME, auxiliary=TASK, target=TASK or calibration=HOW; before",
                "that, what the first file's weir.* metadata say."
            })
    private Map<String, String> provenance = Map.of();

    @Option(
            names = "--feedback",
            paramLabel = "FILE",
            description = "Write the weights there that the run goes on from after the last step, where there are any.")
    private @Nullable Path feedback;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Safetensors files, sharded models' indexes, or their directories, oldest first.")
    private List<Path> files = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    /** Files by name, one for each checkpoint. */
    private Map<String, List<Path>> companions = Map.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (watch.given()) {
            return watch();
        }
        if (files.isEmpty()) {
            throw new UsageException("FILE", "is missing", "needed: files, or --watch DIR", "see weir publish --help");
        }
        if (steps.size() != files.size()) {
            throw new UsageException(
                    "--step", steps.size() + " steps for " + files.size() + " files", "allowed: one step a file", "");
        }
        NumberOptions.of("--input", inputs, 0, files.size());
        companions = SideOptions.of(sides, files.size());
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        ArrayNode documents = Json.array();
        try (Publisher publisher = open()) {
            for (int i = 0; i < files.size(); i++) {
                Outcome outcome = publish(publisher, i);
                documents.add(OutcomeText.document(outcome));
                if (!json.json()) {
                    out.println("run " + run + " step " + steps.get(i) + ": " + OutcomeText.of(outcome));
                    out.flush();
                }
                if (outcome instanceof Outcome.Rejected rejected) {
                    print(out, documents);
                    throw new WeirException(
                            "run " + run + " step " + steps.get(i),
                            "rejected: " + rejected.reason(),
                            "no average has moved",
                            RejectionText.next(rejected.reason()));
                }
            }
            goOn(publisher, out, documents);
        }
        print(out, documents);
        return ExitCode.DONE;
    }

    private int watch() throws IOException, InterruptedException {
        boolean ofFiles = !files.isEmpty() || !steps.isEmpty() || !inputs.isEmpty() || !sides.isEmpty();
        if (ofFiles || feedback != null) {
            throw new UsageException(
                    "--watch",
                    "goes with no FILE, --step, --input, --side or --feedback",
                    "allowed: checkpoints that say their step by their names, and nothing beside them",
                    "name the files instead of --watch, or leave those out");
        }
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        Deltas deltas = new Deltas(EncodingChoice.of(encoding, "publish"), anchors());
        Duration patience = client.timeoutGiven() ? client.timeout() : PATIENCE;
        WatchPublisher publisher = new WatchPublisher(client.connection(), model, run, patience, deltas, provenance);
        return new PublishWatch(run, watch, publisher, json.json(), line.getOut(), line.getErr()).run();
    }

    /** Fetches what the trainer goes on from. */
    private void goOn(Publisher publisher, PrintWriter out, ArrayNode documents) {
        Path file = feedback;
        if (file == null) {
            return;
        }
        Duration patience = client.timeoutGiven() ? client.timeout() : PATIENCE;
        try (FeedbackReader reader = FeedbackReader.open(client.connection(), model, run, publisher::epoch, patience)) {
            Optional<Feedback> taken = reader.take(steps.getLast(), file);
            ObjectNode last = (ObjectNode) documents.get(documents.size() - 1);
            taken.ifPresent(given -> {
                ObjectNode node = last.putObject("feedback")
                        .put("channel", given.getChannel())
                        .put("version", given.getVersion());
                if (!given.getDistances().isEmpty()) {
                    ObjectNode distances = node.putObject("distances");
                    new TreeMap<>(given.getDistances()).forEach(distances::put);
                }
            });
            if (!json.json()) {
                out.println(taken.map(given -> "run " + run + " goes on from channel " + given.getChannel()
                                + " version " + given.getVersion() + ": " + file)
                        .orElse("run " + run + " goes on from its own weights"));
                out.flush();
            }
        }
    }

    /** One file's document by itself, several as an array. */
    private void print(PrintWriter out, ArrayNode documents) {
        if (json.json()) {
            out.println(Json.pretty(files.size() == 1 ? documents.get(0) : documents));
            out.flush();
        }
    }

    private Publisher open() {
        // A single checkpoint has nothing to refer to.
        Deltas deltas = files.size() == 1 ? Deltas.NONE : new Deltas(EncodingChoice.of(encoding, "publish"), anchors());
        Duration patience = client.timeoutGiven() ? client.timeout() : PATIENCE;
        try (SafetensorsFile first = SafetensorsFile.open(files.get(0))) {
            Map<String, String> said = Provenance.ofMetadata(first.metadata());
            said.putAll(provenance);
            return Publisher.open(client.connection(), model, run, first.layout(), patience, deltas, said);
        } catch (SafetensorsException damaged) {
            throw unsound(files.get(0), damaged);
        }
    }

    private int anchors() {
        if (anchorEvery < 1) {
            throw new UsageException(
                    "--anchor-every", "is " + anchorEvery, "allowed: 1 and more", "see weir publish --help");
        }
        return anchorEvery;
    }

    private Outcome publish(Publisher publisher, int number) {
        try (SafetensorsFile weights = SafetensorsFile.open(files.get(number));
                SafetensorsFile first = SafetensorsFile.open(files.get(0))) {
            weights.layout().difference(first.layout()).ifPresent(difference -> {
                throw new WeirException(
                        "checkpoint " + files.get(number),
                        difference + " (the model is " + files.get(0) + ")",
                        "allowed: files of one layout",
                        "publish it as a model of its own");
            });
            return publish(publisher, number, weights);
        } catch (SafetensorsException damaged) {
            throw unsound(files.get(number), damaged);
        }
    }

    private Outcome publish(Publisher publisher, int number, SafetensorsFile weights) {
        Map<String, WeightSource> beside = new TreeMap<>();
        List<SafetensorsFile> open = new ArrayList<>();
        try {
            companions.forEach((name, of) -> {
                open.add(companion(of.get(number)));
                beside.put(name, CompanionFile.of(open.getLast(), weights.layout()));
            });
            return publisher.publish(
                    steps.get(number),
                    WeightSource.of(weights),
                    NumberOptions.of("--input", inputs, number, files.size()),
                    beside);
        } finally {
            open.forEach(SafetensorsFile::close);
        }
    }

    private static SafetensorsFile companion(Path file) {
        try {
            return SafetensorsFile.open(file);
        } catch (SafetensorsException damaged) {
            throw unsound(file, damaged);
        }
    }

    private static WeirException unsound(Path file, SafetensorsException damaged) {
        return new WeirException(
                "checkpoint " + file,
                String.valueOf(damaged.getMessage()),
                "allowed: sound safetensors files",
                "write it again",
                damaged);
    }
}
