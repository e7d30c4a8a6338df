package dev.weir.operators.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Coefficient of every model for every tensor; those of a tensor sum to 1. */
public final class Coefficients {
    private static final double TOLERANCE = 1e-9;

    private final List<double[]> rows;
    private final Map<String, Number> counts;

    private Coefficients(List<double[]> rows, Map<String, Number> counts) {
        this.rows = rows;
        this.counts = counts;
        for (double[] row : rows) {
            double magnitude = Arrays.stream(row).map(Math::abs).sum();
            double off = Math.abs(Arrays.stream(row).sum() - 1);
            if (!Double.isFinite(magnitude) || off > TOLERANCE * Math.max(1, magnitude)) {
                throw new IllegalStateException("coefficients " + Arrays.toString(row) + " do not sum to 1");
            }
        }
    }

    /** The same for all tensors. */
    static Coefficients same(Models models, double[] row) {
        return new Coefficients(Collections.nCopies(models.tensors().size(), row.clone()), Map.of());
    }

    /** A row for each tensor's name. */
    static Coefficients byName(Models models, Function<String, double[]> row) {
        return new Coefficients(models.tensors().stream().map(row).toList(), Map.of());
    }

    /** A row for each tensor's number in {@link Models#tensors}. */
    static Coefficients byTensor(Models models, Function<Integer, double[]> row) {
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < models.tensors().size(); i++) {
            rows.add(row.apply(i));
        }
        return new Coefficients(rows, Map.of());
    }

    /** The first model, so far as the others do not take its share: 1 - sum of theirs, then theirs. */
    static double[] onBase(double... others) {
        double[] row = new double[others.length + 1];
        row[0] = 1 - Arrays.stream(others).sum();
        System.arraycopy(others, 0, row, 1, others.length);
        return row;
    }

    /** So many equal shares. */
    static double[] uniform(int count) {
        double[] row = new double[count];
        Arrays.fill(row, 1.0 / count);
        return row;
    }

    /** These numbers divided by their sum. */
    static double[] normalised(double[] weights) {
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    /** The same, with something that people should know: how often it was the case. */
    Coefficients counting(String what, long times) {
        return reporting(what, times);
    }

    /** The same, with a figure that people should know. */
    Coefficients measuring(String what, double figure) {
        return reporting(what, figure);
    }

    private Coefficients reporting(String what, Number figure) {
        Map<String, Number> more = new TreeMap<>(counts);
        more.put(what, figure);
        return new Coefficients(rows, more);
    }

    /** One row where all tensors have the same, else the rows of all tensors, one after the other. */
    public List<Double> flat() {
        boolean same = rows.stream().allMatch(row -> Arrays.equals(row, rows.getFirst()));
        return (same ? rows.subList(0, 1) : rows)
                .stream().flatMapToDouble(Arrays::stream).boxed().toList();
    }

    /** Coefficient of each model for the tensor of that number. */
    public double[] of(int tensor) {
        return rows.get(tensor).clone();
    }

    /** What the operator counted while it made them, such as clamped tensors. */
    public Map<String, Number> counts() {
        return Collections.unmodifiableMap(counts);
    }
}
