package dev.weir.cli.experts;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model that was trained for something.
 *
 * @param name unique in its registry, not blank
 * @param file its safetensors file; relative to the registry's directory where it lies below it
 * @param digest content digest of its weights, 64 hexadecimal digits
 * @param base content digest of the model from which it was trained; empty: not said
 * @param embedding of the task or of its examples, such as their mean: finite, not all 0, of one length in a registry
 * @param metadata whatever else is to be kept with it
 */
public record Expert(
        String name, String file, String digest, String base, List<Double> embedding, Map<String, String> metadata) {

    static final String DIGEST = "[0-9a-f]{64}";

    public Expert {
        require(!name.isBlank(), "name", "\"" + name + "\"", "a name");
        require(digest.matches(DIGEST), "digest", digest, "64 hexadecimal digits");
        require(base.isEmpty() || base.matches(DIGEST), "base", base, "64 hexadecimal digits, or nothing");
        require(isDirection(embedding), "embedding", embedding.toString(), "finite numbers, not all 0");
        embedding = List.copyOf(embedding);
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }

    /** Whether such numbers have a direction. */
    static boolean isDirection(List<Double> numbers) {
        return numbers.stream().allMatch(Double::isFinite) && numbers.stream().anyMatch(number -> number != 0);
    }

    /**
     * Cosine similarity of a query and the embedding, -1 to 1.
     *
     * @param query as long as the embedding, with a direction
     */
    public double similarity(List<Double> query) {
        double[] one = scaled(query);
        double[] other = scaled(embedding);
        return product(one, other) / StrictMath.sqrt(product(one, one) * product(other, other));
    }

    /** Of largest magnitude 1, so that no product overflows and not all vanish. */
    private static double[] scaled(List<Double> numbers) {
        double largest = numbers.stream().mapToDouble(Math::abs).max().orElseThrow();
        return numbers.stream().mapToDouble(number -> number / largest).toArray();
    }

    private static double product(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += one[i] * other[i];
        }
        return sum;
    }

    private static void require(boolean met, String what, String value, String allowed) {
        if (!met) {
            throw new IllegalArgumentException("expert: " + what + " is " + value + "; allowed: " + allowed);
        }
    }
}
