package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.LargeModel;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Averages as large as a property says, the checkpoint that they refer to and one that waits, three times as much together,
 * beside half a gigabyte of heap. On the heap the smallest size would not find room.
 */
final class StateSizeIT {

    private static final String MODEL = "large";
    private static final LargeModel LARGE = new LargeModel(Integer.getInteger("weir.state-mib", 256));
    private static final long HEAP_BYTES = 512L << 20;
    private static final int CHECKPOINTS = 4;

    @TempDir
    private Path data;

    @Test
    void averagesLieOffTheHeapAndAreThoseOfTheOfflineMerge() throws Exception {
        long needed = 16 * LARGE.byteSize();
        assumeTrue(data.toFile().getUsableSpace() > needed, "needs " + needed + " bytes of free disk");
        Map<String, String> environment = new HashMap<>(UpProcess.AS_PEOPLE_RUN_IT);
        environment.put("WEIR_KEYFRAME_DECISIONS", Integer.toString(CHECKPOINTS));
        try (UpProcess up = UpProcess.start(data, Ports.free(), environment).awaitReady();
                Model model =
                        Model.apply(up, MODEL, "{name: ema, operator: ema, settings: {decay: 0.5}, emit-every: 4}");
                Publisher publisher =
                        Publisher.open(model.connection(), MODEL, "run-1", LARGE.layout(), Duration.ofMinutes(10))) {
            long pid = up.child("merge", MODEL).pid();
            for (int step = 1; step <= CHECKPOINTS; step++) {
                assertThat(publisher.publish(step, LARGE.checkpoint(step))).isInstanceOf(Outcome.Accepted.class);
            }

            JsonNode merge = up.application(MODEL, "merge");
            System.out.println("StateSizeIT: " + merge.path("stateBytes").asLong() + " bytes off the heap, heap's peak "
                    + merge.path("heapPeakBytes").asLong() + " of "
                    + merge.path("heapMaxBytes").asLong() + ", longest fold "
                    + merge.path("longestFoldMs").asLong() + " ms");
            assertThat(merge.path("stateBytes").asLong()).isGreaterThanOrEqualTo(2 * LARGE.byteSize());
            assertThat(merge.path("heapMaxBytes").asLong()).isPositive().isLessThanOrEqualTo(HEAP_BYTES);
            // A process whose heap runs out ends and is started again.
            assertThat(up.child("merge", MODEL).pid()).isEqualTo(pid);
            assertThat(merge.path("stateBytes").asLong())
                    .isGreaterThan(merge.path("heapMaxBytes").asLong());
            assertThat(merge.path("heapPeakBytes").asLong()).isPositive().isLessThanOrEqualTo(HEAP_BYTES);
            assertThat(model.digests("ema")).containsExactly(LARGE.emaDigest(0.5, CHECKPOINTS));
            Path pulled = model.pull("ema", data.resolve("pulled"));
            assertThat(Files.mismatch(pulled, mergedOffline())).isEqualTo(-1);
        }
    }

    /** What {@code weir merge} makes of the same checkpoints as files, with half a gigabyte of heap. */
    private Path mergedOffline() throws Exception {
        Path merged = data.resolve("merged.safetensors");
        List<String> words =
                new ArrayList<>(List.of("merge", "--operator", "ema", "--set", "decay=0.5", "-o", merged.toString()));
        for (int step = 1; step <= CHECKPOINTS; step++) {
            words.add(LARGE.write(step, data.resolve("step-" + step + ".safetensors"))
                    .toString());
        }
        Cli.run(words, "-Xmx512m").succeeded();
        return merged;
    }
}
