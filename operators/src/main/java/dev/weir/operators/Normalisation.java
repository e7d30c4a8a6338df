package dev.weir.operators;

/** How the numbers of a companion are scaled, over all elements of a model that are averaged. */
public enum Normalisation {
    /** As they are. */
    NONE,
    /** To a mean of 1. */
    MEAN,
    /** To a Euclidean length of 1. */
    NORM;

    /** What they are multiplied by; 1 where all are 0. */
    public double scale(double elements, double sum, double squares) {
        return switch (this) {
            case NONE -> 1;
            case MEAN -> sum > 0 ? elements / sum : 1;
            case NORM -> squares > 0 ? 1 / Math.sqrt(squares) : 1;
        };
    }

    /** As above, from what {@link CompanionSums} gives of each tensor; 1 where nothing is known. */
    public double scale(Sums companion) {
        double[] total = new double[CompanionSums.NUMBERS];
        for (double[] tensor : companion.byTensor()) {
            for (int i = 0; i < total.length; i++) {
                total[i] += tensor[i];
            }
        }
        return scale(total[0], total[1], total[2]);
    }
}
