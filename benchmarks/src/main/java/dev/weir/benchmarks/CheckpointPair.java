package dev.weir.benchmarks;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Two neighbouring checkpoints of a run, chunk by chunk on the heap.
 *
 * @param name of the newer one
 * @param chunks those that both have
 */
record CheckpointPair(String name, List<Chunk> chunks) {

    /** A chunk of both checkpoints. */
    record Chunk(Dtype dtype, ByteBuffer old, ByteBuffer now) {}

    /** Neighbours among the last so many checkpoints of a file that holds several, each under a prefix with a slash. */
    static List<CheckpointPair> last(int checkpoints, Path path) {
        TreeMap<String, Map<String, TensorSpec>> all = new TreeMap<>(Comparator.naturalOrder());
        List<CheckpointPair> pairs = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (TensorSpec tensor : file.layout().tensors()) {
                int slash = tensor.name().indexOf('/');
                if (slash > 0) {
                    all.computeIfAbsent(tensor.name().substring(0, slash), prefix -> new HashMap<>())
                            .put(tensor.name().substring(slash + 1), tensor);
                }
            }
            List<Map.Entry<String, Map<String, TensorSpec>>> prefixes = new ArrayList<>(all.entrySet());
            if (prefixes.size() < 2) {
                throw new IllegalArgumentException(path + " holds " + prefixes.size()
                        + " checkpoints; needed: two or more, their tensors named STEP/NAME");
            }
            for (int i = Math.max(1, prefixes.size() - checkpoints + 1); i < prefixes.size(); i++) {
                pairs.add(pair(
                        file,
                        prefixes.get(i).getKey(),
                        prefixes.get(i - 1).getValue(),
                        prefixes.get(i).getValue()));
            }
        }
        return pairs;
    }

    private static CheckpointPair pair(
            SafetensorsFile file, String name, Map<String, TensorSpec> before, Map<String, TensorSpec> after) {
        List<Chunk> chunks = new ArrayList<>();
        for (Map.Entry<String, TensorSpec> entry : new TreeMap<>(after).entrySet()) {
            TensorSpec now = entry.getValue();
            TensorSpec old = before.get(entry.getKey());
            if (old == null || old.dtype() != now.dtype() || !old.shape().equals(now.shape())) {
                continue;
            }
            Layout layout = Layout.of(List.of(now));
            for (int i = 0; i < layout.chunkCount(); i++) {
                ChunkSpec chunk = layout.chunk(i);
                chunks.add(new Chunk(
                        now.dtype(),
                        onHeap(file.read(old, chunk.tensorByteOffset(), chunk.byteSize())),
                        onHeap(file.read(now, chunk.tensorByteOffset(), chunk.byteSize()))));
            }
        }
        return new CheckpointPair(name, chunks);
    }

    private static ByteBuffer onHeap(ByteBuffer mapped) {
        byte[] bytes = new byte[mapped.remaining()];
        mapped.get(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    long byteSize() {
        return chunks.stream().mapToLong(chunk -> chunk.now().remaining()).sum();
    }

    /** Whether all of it is of two bytes an element, with an exponent. */
    boolean narrow() {
        return chunks.stream().allMatch(chunk -> chunk.dtype() == Dtype.BF16 || chunk.dtype() == Dtype.F16);
    }

    /** Entropy of the difference of the bits as ordered integers, given the old exponent, in bytes over the whole pair. */
    double boundBytes() {
        Map<Integer, Map<Integer, Integer>> seen = new HashMap<>();
        for (Chunk chunk : chunks) {
            int exponentShift = chunk.dtype() == Dtype.BF16 ? 7 : 10;
            for (int at = 0; at < chunk.now().remaining(); at += 2) {
                short was = chunk.old().getShort(at);
                int difference = (short) (ordered(chunk.now().getShort(at)) - ordered(was));
                seen.computeIfAbsent((was & 0x7fff) >> exponentShift, exponent -> new HashMap<>())
                        .merge(difference, 1, Integer::sum);
            }
        }
        double bits = 0;
        for (Map<Integer, Integer> counts : seen.values()) {
            double all = counts.values().stream().mapToInt(count -> count).sum();
            for (int count : counts.values()) {
                bits += count * Math.log(all / count) / Math.log(2);
            }
        }
        return bits / 8;
    }

    /** The byte planes of each chunk, the lower first, of xor or of folded differences of ordered integers. */
    List<byte[]> planes(boolean xor) {
        List<byte[]> planes = new ArrayList<>();
        for (Chunk chunk : chunks) {
            int elements = chunk.now().remaining() / 2;
            byte[] low = new byte[elements];
            byte[] high = new byte[elements];
            for (int i = 0; i < elements; i++) {
                short was = chunk.old().getShort(2 * i);
                short is = chunk.now().getShort(2 * i);
                int difference = (short) (ordered(is) - ordered(was));
                int value = xor ? was ^ is : difference << 1 ^ difference >> 31;
                low[i] = (byte) value;
                high[i] = (byte) (value >>> 8);
            }
            planes.add(low);
            planes.add(high);
        }
        return planes;
    }

    private static int ordered(short bits) {
        return bits ^ bits >> 15 & 0x7fff;
    }
}
