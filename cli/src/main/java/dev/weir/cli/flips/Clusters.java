package dev.weir.cli.flips;

/**
 * What is drawn as one where prediction files name clusters.
 *
 * @param count of all, examples that stand alone included
 * @param alone examples that stand alone, because neither file names their cluster
 * @param largest labelled examples of the largest
 * @param replicates of the bootstrap over them
 */
public record Clusters(int count, long alone, long largest, int replicates) {

    /** Replicates unless another number is asked for. */
    public static final int REPLICATES = 1000;
}
