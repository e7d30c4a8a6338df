package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gigabytes of averages, and checkpoints of two gigabytes that wait, beside half a gigabyte of heap. */
final class StateSizeIT {

    private static final String MODEL = "large";
    private static final long ELEMENTS = 500_000_000L;
    private static final long HEAP_BYTES = 512L << 20;

    @TempDir
    private Path data;

    @Test
    void averagesLieOffTheHeap() throws Exception {
        assumeTrue(data.toFile().getUsableSpace() > 16L << 30, "needs 16 GB of free disk");
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(ELEMENTS))));
        Map<String, String> environment = Map.of("WEIR_KEYFRAME_DECISIONS", "3");
        try (UpProcess up = UpProcess.start(data, Ports.free(), environment).awaitReady();
                Model model =
                        Model.apply(up, MODEL, "{name: ema, operator: ema, settings: {decay: 0.5}, emit-every: 3}");
                Publisher publisher =
                        Publisher.open(model.connection(), MODEL, "run-1", layout, Duration.ofMinutes(5))) {
            for (int step = 1; step <= 3; step++) {
                assertThat(publish(publisher, step)).isInstanceOf(Outcome.Accepted.class);
            }
            JsonNode merge = up.application(MODEL, "merge");
            System.out.println("StateSizeIT: " + merge.path("stateBytes").asLong() + " bytes off the heap, heap's peak "
                    + merge.path("heapPeakBytes").asLong() + " of "
                    + merge.path("heapMaxBytes").asLong());
            assertThat(merge.path("stateBytes").asLong()).isGreaterThanOrEqualTo(4 * ELEMENTS);
            assertThat(merge.path("heapMaxBytes").asLong()).isLessThanOrEqualTo(HEAP_BYTES);
            assertThat(merge.path("heapPeakBytes").asLong()).isLessThanOrEqualTo(HEAP_BYTES);
            assertThat(model.manifests("ema")).hasSize(1);
        }
    }

    private static Outcome publish(Publisher publisher, long step) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        return publisher.publish(step, chunk -> {
            bytes.clear().limit(chunk.byteSize());
            for (int i = 0; i < chunk.elements(); i++) {
                bytes.putFloat((step * 31 + chunk.index() + i) % 1000);
            }
            return bytes.flip();
        });
    }
}
