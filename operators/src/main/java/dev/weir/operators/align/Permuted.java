package dev.weir.operators.align;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Elements of a tensor in another order. */
public final class Permuted {

    private Permuted() {}

    /**
     * From where each element of the permuted tensor comes: out[i, j ...] = in[c_0(i), c_1(j) ...].
     *
     * @param shape lengths of the axes
     * @param groups of the axes, as {@link PermutationSpec} has them
     * @param permutations c of each group; the axes of a group that has none stay
     * @return for each element in row order its number in the original
     */
    public static int[] sources(int[] shape, List<String> groups, Map<String, int[]> permutations) {
        int[] sources = {0};
        for (int axis = 0; axis < shape.length; axis++) {
            int[] permutation = permutations.getOrDefault(groups.get(axis), identity(shape[axis]));
            int[] next = new int[Math.multiplyExact(sources.length, shape[axis])];
            for (int outer = 0; outer < sources.length; outer++) {
                for (int i = 0; i < permutation.length; i++) {
                    next[outer * permutation.length + i] = sources[outer] * permutation.length + permutation[i];
                }
            }
            sources = next;
        }
        return sources;
    }

    static int[] identity(int size) {
        int[] identity = new int[size];
        Arrays.setAll(identity, i -> i);
        return identity;
    }
}
