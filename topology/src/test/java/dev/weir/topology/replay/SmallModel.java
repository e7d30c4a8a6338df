package dev.weir.topology.replay;

import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** A model of two tensors in chunks of four elements, whose contents are told apart by a number. */
final class SmallModel {
    static final String LIVE = "{model: m, channels: [{name: live, operator: swa}]}";
    static final Layout LAYOUT = Layout.of(
            List.of(new TensorSpec("f64", Dtype.F64, List.of(3L)), new TensorSpec("long", Dtype.F32, List.of(19L))), 4);

    private SmallModel() {}

    /** A log that begins with the plan. */
    static SmallLog log(RecordCodec codec, int partitions) {
        return new SmallLog(codec, LAYOUT, partitions).plan(LIVE);
    }

    static ByteBuffer chunk(long content, int number) {
        ChunkSpec chunk = LAYOUT.chunk(number);
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < chunk.elements(); i++) {
            double value = Math.sin(content * 31.7 + number * 7.3 + i) + 0.1 * content;
            if (LAYOUT.tensorOf(chunk).dtype() == Dtype.F64) {
                bytes.putDouble(value);
            } else {
                bytes.putFloat((float) value);
            }
        }
        return bytes.flip();
    }

    /**
     * The head of a keyframe with the layout.
     *
     * @param seq the newest decision or plan that it counts
     * @param committed how many of these accepted something
     */
    static KeyframeHead head(long seq, long committed) {
        List<TensorLayout> layouts = List.of(LAYOUT.toRecord());
        Map<String, Long> counters = Map.of("committed", committed);
        return new KeyframeHead(
                1, "weir-m-merge", seq, 1L, 1L, "", layouts, List.of(), List.of(), List.of(), counters, 0, 1, seq, 0L);
    }
}
