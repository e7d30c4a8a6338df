package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.operators.OperatorSpec;
import dev.weir.operators.Operators;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every operator of a stream as a channel of one plan: its snapshots are the files of the offline merge, bit for bit. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OperatorsIT {

    /** The offline merge calls the run of a trajectory so; draws depend on it. */
    private static final String RUN = "merge";

    private static final int CHECKPOINTS = 7;

    /** Settings under which seven checkpoints show what the operator does. */
    private static final Map<String, String> SETTINGS = Map.of(
            "aswa", "epoch-steps: 4",
            "fusing", "share: 0.5, models: 3",
            "swag", "columns: 3, draw: 2, seed: 5",
            "lawa", "window: 3",
            "windowed-swa", "window: 2, every: 1, windows: 2",
            "sma", "from-step: 3",
            "weight-centre", "distances: true",
            "wakd", "from-step: 4",
            "cotta-restore", "probability: 0.25",
            "schedule-free", "warm-up: 5");

    private record Channel(String name, String operator, String settings) {}

    @TempDir
    private static Path dir;

    private final List<Path> files = new ArrayList<>();
    /** What comes with each checkpoint, for those that read it. */
    private final List<Weights> numbers = new ArrayList<>();

    private UpProcess up;
    private Model model;

    @BeforeAll
    void publish() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        model = Model.apply(
                up,
                "all",
                channels()
                        .map(one -> "{name: %s, operator: %s, settings: {%s}}"
                                .formatted(one.name(), one.operator(), one.settings()))
                        .toArray(String[]::new));
        List<Weights> checkpoints = new ArrayList<>();
        for (int i = 1; i <= CHECKPOINTS; i++) {
            checkpoints.add(Weights.random(Weights.SMALL, i));
            files.add(checkpoints.getLast().write(dir.resolve("step-" + i)));
            numbers.add(Weights.random(Weights.SMALL, 100 + i).squared());
        }
        try (Publisher publisher = model.publisher(RUN, checkpoints.getFirst())) {
            for (int i = 1; i <= CHECKPOINTS; i++) {
                WeightSource beside = numbers.get(i - 1).source();
                publisher.publish(
                        i, checkpoints.get(i - 1).source(), Map.of(), Map.of("fisher", beside, "hessian", beside));
            }
        }
    }

    @AfterAll
    void stop() {
        if (model != null) {
            model.close();
        }
        if (up != null) {
            up.close();
        }
    }

    @Test
    void everyChannelsSnapshotIsTheFileOfTheOfflineMerge() throws Exception {
        List<String> differ = new ArrayList<>();
        try (Subscriber subscriber = Subscriber.open(model.connection(), model.name())) {
            for (Channel channel : channels().toList()) {
                Path pulled = subscriber
                        .pull(subscriber.newest(channel.name()).orElseThrow(), dir.resolve("out-" + channel.name()))
                        .resolve("model.safetensors");
                Path merged = dir.resolve("merged-" + channel.name());
                List<String> words =
                        new ArrayList<>(List.of("merge", "--operator", channel.operator(), "-o", merged.toString()));
                for (String setting : channel.settings().split(", ")) {
                    if (!setting.isEmpty()) {
                        words.addAll(List.of("--set", setting.replace(": ", "=")));
                    }
                }
                String companion =
                        Operators.spec(channel.operator()).create(Map.of()).companion();
                for (int i = 0; !companion.isEmpty() && i < CHECKPOINTS; i++) {
                    Path file = numbers.get(i).write(dir.resolve("numbers-" + i));
                    words.addAll(List.of("--side", companion + "=" + file));
                }
                // Of operators for models of several runs, the one run that was published gives its first checkpoint.
                boolean once = channel.name().equals("diwa") || channel.name().equals("ratatouille");
                files.stream().limit(once ? 1 : CHECKPOINTS).map(Path::toString).forEach(words::add);
                Cli.here(words).succeeded();
                if (Files.mismatch(pulled, merged) != -1) {
                    differ.add(channel.name());
                }
            }
        }
        assertThat(differ).isEmpty();
    }

    @Test
    void aReplayFoldsEveryChannelToTheSameDigests() throws Exception {
        Cli.Result replay = up.here("replay", "--model", "all", "--verify", "--json");
        int snapshots = replay.succeeded().json().path("snapshots").asInt();
        assertThat(snapshots).isGreaterThan(CHECKPOINTS * (int) channels().count() / 2);
        assertThat(replay.json().path("equal").asInt()).isEqualTo(snapshots);
    }

    private static Stream<Channel> channels() {
        Stream<Channel> all = Operators.all().stream()
                .map(OperatorSpec::name)
                .filter(name -> !name.equals("bcwi"))
                .map(name -> new Channel(name, name, SETTINGS.getOrDefault(name, "")));
        return Stream.concat(
                all,
                Stream.of(
                        new Channel("ema-offset", "ema", "warm-up-offset: 10"),
                        new Channel("ema-ramp", "ema", "half-life: 3, half-life-ramp: 0.5")));
    }
}
