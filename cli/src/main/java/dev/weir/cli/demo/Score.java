package dev.weir.cli.demo;

/**
 * How a model does on the held-out digits.
 *
 * @param correct digits that it reads right
 * @param negativeFlips digits that it reads wrong and release 1 reads right
 * @param count held-out digits
 */
record Score(int correct, int negativeFlips, int count) {

    /** The share that it reads right. */
    double accuracy() {
        return (double) correct / count;
    }

    /** The negative flip rate: the share that it reads wrong and release 1 right. */
    double nfr() {
        return (double) negativeFlips / count;
    }
}
