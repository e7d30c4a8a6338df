package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head gets rows for new classes: the average goes on in a second model, and that of the new rows began there. */
final class GrowingHeadIT {

    private static final int WIDTH = 9;
    private static final int OLD_ROWS = 5;
    private static final int NEW_ROWS = 3;
    private static final int CHECKPOINTS = 7;
    /** Number of the first checkpoint with the new rows. */
    private static final int GROWN_AT = 4;

    private static final String ENSEMBLE = "{name: ensemble, operator: online-ensemble, settings: {decay: 0.75}}";

    @TempDir
    private static Path dir;

    @Test
    void oldRowsGoOnAndNewRowsEqualAnAverageThatBeganThere() throws Exception {
        List<Weights> old = checkpoints(OLD_ROWS, 0);
        List<Weights> added = checkpoints(NEW_ROWS, 100);
        try (UpProcess up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
                Model small = Model.apply(up, "small", ENSEMBLE)) {
            try (Publisher publisher = small.publisher("r", old.getFirst())) {
                for (int i = 0; i < GROWN_AT; i++) {
                    publisher.publish(i, old.get(i).source());
                }
            }
            Weights grown = joined(old.get(GROWN_AT), added.get(GROWN_AT));
            try (Publisher publisher = small.publisher("r", grown)) {
                Outcome refused = publisher.publish(GROWN_AT, grown.source());
                assertThat(refused)
                        .isInstanceOfSatisfying(
                                Outcome.Rejected.class,
                                rejected -> assertThat(rejected.reason()).startsWith("layout: tensor head"));
            }
            Weights average = Weights.read(small.pull("ensemble", dir.resolve("small")));
            try (Model large = Model.apply(up, "large", ENSEMBLE)) {
                Weights first = joined(average, added.get(GROWN_AT));
                try (Publisher publisher = large.publisher("r", first)) {
                    publisher.publish(GROWN_AT - 1, first.source());
                    for (int i = GROWN_AT; i < CHECKPOINTS; i++) {
                        publisher.publish(i, joined(old.get(i), added.get(i)).source());
                    }
                }
                Weights ensemble = Weights.read(large.pull("ensemble", dir.resolve("large")));
                Weights expected = joined(merged("old", old), merged("added", added.subList(GROWN_AT, CHECKPOINTS)));
                assertThat(ensemble.digest()).isEqualTo(expected.digest());
            }
        }
    }

    private static List<Weights> checkpoints(int rows, int salt) {
        Layout layout = Layout.of(List.of(new TensorSpec("head", Dtype.F32, List.of((long) rows, (long) WIDTH))));
        return IntStream.range(0, CHECKPOINTS)
                .mapToObj(i -> Weights.random(layout, salt + i))
                .toList();
    }

    /** One head of both's rows. */
    private static Weights joined(Weights first, Weights second) {
        float[] before = first.tensors().getFirst();
        float[] after = second.tensors().getFirst();
        float[] all = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, all, before.length, after.length);
        List<Long> shape = List.of((long) all.length / WIDTH, (long) WIDTH);
        return new Weights(Layout.of(List.of(new TensorSpec("head", Dtype.F32, shape))), List.of(all));
    }

    /** The ensemble over files, each a checkpoint. */
    private static Weights merged(String name, List<Weights> checkpoints) throws Exception {
        Path out = dir.resolve(name);
        List<String> words = new ArrayList<>(
                List.of("merge", "--operator", "online-ensemble", "--set", "decay=0.75", "-o", out.toString()));
        for (Weights one : checkpoints) {
            words.add(one.write(dir.resolve(name + "-" + words.size())).toString());
        }
        Cli.here(words).succeeded();
        return Weights.read(out);
    }
}
