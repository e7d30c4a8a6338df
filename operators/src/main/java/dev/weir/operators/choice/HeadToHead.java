package dev.weir.operators.choice;

/** Advantages from head-to-head counts. */
public final class HeadToHead {

    private HeadToHead() {}

    /**
     * The log-odds of each player against each, ln((w_ij + ½) / (w_ji + ½)), defined where one never won; antisymmetric, for {@link
     * NashAveraging#ofAdvantages}.
     *
     * @param wins of the row's player over the column's, 0 or more
     */
    public static double[][] logOdds(double[][] wins) {
        double[][] odds = new double[wins.length][wins.length];
        for (int i = 0; i < wins.length; i++) {
            for (int j = 0; j < i; j++) {
                odds[i][j] = StrictMath.log((wins[i][j] + 0.5) / (wins[j][i] + 0.5));
                odds[j][i] = -odds[i][j];
            }
        }
        return odds;
    }
}
