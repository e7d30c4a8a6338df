package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.after.Reconstruction;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.operators.PowerProfile;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "reconstruct",
        description = {
            "Makes a power-function average (EMA) of any width after the fact, at the step of any snapshot that is kept,",
            "from the snapshots of the model's power-ema channels, and says how far its profile is from the one that was",
            "asked for. Needs disk beside OUT for the snapshots that it takes."
        },
        footer = {"", "Example:", "  weir reconstruct --model mnist --sigma-rel 0.12 -o ema-0.12.safetensors"})
final class ReconstructVerb implements Callable<Integer> {
    private static final int MOST_SNAPSHOTS = 64;

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "Name of the model.")
    private String model = "";

    @Option(
            names = "--sigma-rel",
            required = true,
            paramLabel = "WIDTH",
            description = "Width of the average's profile as a share of the steps, 0.001 to 0.28867.")
    private double sigmaRel;

    @Option(
            names = "--step",
            paramLabel = "STEP",
            description = "Trainer step at which it ends, one of a snapshot (default: the newest).")
    private @Nullable Long step;

    @Option(
            names = "--channel",
            paramLabel = "CHANNEL",
            description = "Take this power-ema channel; may be repeated (default: all there are).")
    private List<String> channels = new ArrayList<>();

    @Option(
            names = "--snapshots",
            paramLabel = "N",
            description = "Snapshots of each channel, evenly spread; more make the error smaller (default: 8).")
    private int snapshots = 8;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "Safetensors file to write.")
    private Path output = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (!(sigmaRel >= 0.001 && sigmaRel <= PowerProfile.WIDEST)) {
            throw new UsageException(
                    "--sigma-rel",
                    "is " + sigmaRel,
                    "allowed: 0.001 to " + PowerProfile.WIDEST + ", the plain mean",
                    "");
        }
        if (snapshots < 1 || snapshots > MOST_SNAPSHOTS) {
            throw new UsageException("--snapshots", "is " + snapshots, "allowed: 1 to " + MOST_SNAPSHOTS, "");
        }
        client.reach().close();
        Reconstruction made;
        try (Subscriber subscriber = Subscriber.open(client.connection(), model)) {
            made = Reconstruction.of(
                    subscriber.manifests(),
                    new LinkedHashSet<>(channels),
                    sigmaRel,
                    step == null ? OptionalLong.empty() : OptionalLong.of(step),
                    snapshots);
            made.write(subscriber, rules(), output);
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("reconstruct", String.valueOf(refused.getMessage()), "", "", refused);
        }
        report(made);
        return ExitCode.DONE;
    }

    private List<TensorPolicy.Rule> rules() {
        try (PlanClient plans = PlanClient.open(client.connection(), model)) {
            return plans.inForce().map(PlanFormat::parse).map(Plan::tensors).orElse(List.of());
        }
    }

    private void report(Reconstruction made) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        OptionalDouble checkpoints = made.checkpointError();
        double[] coefficients = made.fit().coefficients();
        if (json.json()) {
            ObjectNode document = Json.object()
                    .put("model", model)
                    .put("sigmaRel", sigmaRel)
                    .put("step", made.step())
                    .put("profileError", made.fit().error());
            if (checkpoints.isPresent()) {
                document.put("checkpointError", checkpoints.getAsDouble());
            } else {
                document.putNull("checkpointError");
            }
            document.put("condition", made.fit().condition()).put("output", output.toString());
            ArrayNode used = document.putArray("snapshots");
            for (int i = 0; i < coefficients.length; i++) {
                Manifest manifest = made.snapshots().get(i);
                used.addObject()
                        .put("channel", manifest.getChannel())
                        .put("version", manifest.getVersion())
                        .put("step", manifest.getStep())
                        .put("coefficient", coefficients[i]);
            }
            out.println(Json.pretty(document));
        } else {
            TreeSet<String> names = new TreeSet<>();
            made.snapshots().forEach(manifest -> names.add(manifest.getChannel()));
            out.printf(
                    Locale.ROOT,
                    "width %s at step %d from %d snapshots of %s: profile error %.2g%s, condition %.1g%n",
                    sigmaRel,
                    made.step(),
                    coefficients.length,
                    String.join(", ", names),
                    made.fit().error(),
                    checkpoints.isPresent()
                            ? String.format(Locale.ROOT, ", over the checkpoints %.2g", checkpoints.getAsDouble())
                            : "",
                    made.fit().condition());
        }
        out.flush();
    }
}
