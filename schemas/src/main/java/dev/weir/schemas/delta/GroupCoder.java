package dev.weir.schemas.delta;

/** Codes runs and differences of one group, from the last to the first. */
final class GroupCoder {
    private final boolean still;
    private final int spanBits;
    private final Symbols runs;
    private final Symbols magnitudes;

    GroupCoder(GroupModel model) {
        RunLengths lengths = model.runs();
        still = lengths == null;
        spanBits = lengths == null ? 0 : lengths.spanBits();
        runs = Symbols.of(lengths == null ? new int[0] : lengths.frequencies());
        magnitudes = Symbols.of(model.magnitudes());
    }

    /** Codes how many elements stay before the first that changes. */
    void run(int elements, BackwardCoder coder) {
        if (!still) {
            coder.bits(elements & (1 << spanBits) - 1, spanBits);
            spans(elements >>> spanBits, coder);
        }
    }

    /** Codes how far an element moves and how many behind it stay. */
    void change(int difference, int elementsBehind, BackwardCoder coder) {
        int magnitude = Magnitudes.classOf(difference);
        int openBits = Magnitudes.openBits(magnitude);
        long rest = Magnitudes.rest(difference, openBits);
        coder.bits(rest << spanBits | elementsBehind & (1 << spanBits) - 1, openBits + 1 + spanBits);
        spans(elementsBehind >>> spanBits, coder);
        coder.magnitudes.code(
                magnitudes.starts[magnitude], magnitudes.frequencies[magnitude], magnitudes.reciprocals[magnitude]);
    }

    private void spans(int spans, BackwardCoder coder) {
        int last = spans % RunLengths.LONG;
        coder.runs.code(runs.starts[last], runs.frequencies[last], runs.reciprocals[last]);
        for (int rest = spans - last; rest > 0; rest -= RunLengths.LONG) {
            int more = RunLengths.LONG;
            coder.runs.code(runs.starts[more], runs.frequencies[more], runs.reciprocals[more]);
        }
    }

    /** Where each symbol starts, its frequency and its reciprocal. */
    private record Symbols(int[] starts, int[] frequencies, long[] reciprocals) {

        static Symbols of(int[] frequencies) {
            int[] starts = new int[frequencies.length];
            long[] reciprocals = new long[frequencies.length];
            int start = 0;
            for (int i = 0; i < frequencies.length; i++) {
                starts[i] = start;
                start += frequencies[i];
                reciprocals[i] = frequencies[i] == 0 ? 0 : CoderState.reciprocal(frequencies[i]);
            }
            return new Symbols(starts, frequencies, reciprocals);
        }
    }
}
