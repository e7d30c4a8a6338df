package dev.weir.schemas.tensor;

import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Companions of a checkpoint: tensors of one number for each element of its weights, such as a Fisher diagonal or a mask. Of a
 * layout of n chunks, k n + c is the number of chunk c of the k-th companion, from 1. It has an f32 for each element of chunk c
 * of the weights and travels in full, in the same partition. Tensors of integers and bools have none.
 */
public final class Companions {

    /** Companions of a checkpoint at most. */
    public static final int MAX = 8;

    /** What their numbers may be. */
    public static final String ALLOWED = "finite numbers from 0";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private Companions() {}

    /**
     * The number of a companion's chunk.
     *
     * @param companion which one, from 1; 0: the weights
     * @param chunk number of the chunk of the weights
     */
    public static int number(Layout layout, int companion, int chunk) {
        return Math.addExact(Math.multiplyExact(companion, layout.chunkCount()), chunk);
    }

    /** Bytes of a companion's chunk. */
    public static int byteSize(ChunkSpec chunk) {
        return Float.BYTES * chunk.elements();
    }

    /** Whether companions have this chunk. */
    public static boolean have(Layout layout, ChunkSpec chunk) {
        return layout.tensorOf(chunk).dtype().isFloat();
    }

    /** How many chunks of each companion travel in a partition. */
    public static int chunksIn(Layout layout, int partition, int partitions) {
        int count = 0;
        for (int chunk = partition; chunk < layout.chunkCount(); chunk += partitions) {
            count += have(layout, layout.chunk(chunk)) ? 1 : 0;
        }
        return count;
    }

    /** Why a checkpoint cannot have companions of these names; empty: it can. */
    public static String refusal(List<String> names) {
        if (names.size() > MAX || new HashSet<>(names).size() < names.size()) {
            return names.size() + " companions " + names + "; allowed: up to " + MAX + " of different names";
        }
        return names.stream()
                .filter(name -> !NAME.matcher(name).matches())
                .findFirst()
                .map(name ->
                        "companion \"" + name + "\"; allowed names: 1 to 100 letters, digits, dots, underscores and"
                                + " hyphens, the first a letter or a digit")
                .orElse("");
    }
}
