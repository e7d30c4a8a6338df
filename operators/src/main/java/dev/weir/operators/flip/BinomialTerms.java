package dev.weir.operators.flip;

/**
 * What logarithms of binomial probabilities are made of, in forms that do not cancel.
 *
 * <p>Source: Loader, Fast and Accurate Computation of Binomial Probabilities (2000), sections 2 and 3.
 */
final class BinomialTerms {

    /** ln n! − Stirling's formula, for n of 0 to 15. */
    private static final double[] STIRLING_ERROR = stirlingErrors();

    private BinomialTerms() {}

    /** x ln(x/m) + m − x, without cancellation where x is near m; m for an x of 0. */
    static double deviance(double x, double m) {
        if (x == 0) {
            return m;
        }
        double difference = x - m;
        if (Math.abs(difference) >= 0.1 * (x + m)) {
            return x * StrictMath.log(x / m) - difference;
        }
        double v = difference / (x + m);
        double sum = difference * v;
        double term = 2 * x * v;
        double v2 = v * v;
        for (int j = 1; ; j++) {
            term *= v2;
            double next = sum + term / (2 * j + 1);
            if (next == sum) {
                return sum;
            }
            sum = next;
        }
    }

    /** ln n! − ln(√(2πn) (n/e)^n); 0 for an n of 0. */
    static double stirlingError(long n) {
        if (n < STIRLING_ERROR.length) {
            return STIRLING_ERROR[(int) n];
        }
        double n2 = (double) n * n;
        return (1.0 / 12
                        - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 / n2) / n2) / n2) / n2)
                                / n2)
                / n;
    }

    private static double[] stirlingErrors() {
        double[] errors = new double[16];
        double factorial = 1;
        for (int n = 1; n < errors.length; n++) {
            factorial *= n;
            errors[n] = StrictMath.log(factorial) - StrictMath.log(2 * Math.PI * n) / 2 - n * StrictMath.log(n) + n;
        }
        return errors;
    }
}
