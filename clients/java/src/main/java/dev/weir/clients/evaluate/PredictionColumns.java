package dev.weir.clients.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Where a prediction file's header puts what, and how its cells are read. Fails with {@link Refusal}. */
final class PredictionColumns {

    static final String ALLOWED = "allowed: id, label, prediction, slice, cluster and p0 to pN";

    private static final float[] NONE = {};

    /** What is wrong, to which the reader adds where. */
    static final class Refusal extends Exception {

        private static final long serialVersionUID = 1;

        private final String problem;
        private final String allowed;

        Refusal(String problem, String allowed) {
            super(problem);
            this.problem = problem;
            this.allowed = allowed;
        }

        String problem() {
            return problem;
        }

        String allowed() {
            return allowed;
        }
    }

    private final List<String> names;
    private final int id;
    private final int label;
    private final int prediction;
    private final int slice;
    private final int cluster;
    private final int[] probabilities;

    private PredictionColumns(List<String> names, int[] probabilities) {
        this.names = names;
        this.id = names.indexOf("id");
        this.label = names.indexOf("label");
        this.prediction = names.indexOf("prediction");
        this.slice = names.indexOf("slice");
        this.cluster = names.indexOf("cluster");
        this.probabilities = probabilities;
    }

    /** The columns of a header, which may stand in any order. */
    static PredictionColumns of(List<String> header) throws Refusal {
        Set<String> seen = new LinkedHashSet<>();
        int classes = 0;
        for (String name : header) {
            if (!seen.add(name)) {
                throw new Refusal("column " + quoted(name) + " stands twice in the header", "allowed: once");
            }
            if (name.matches("p(0|[1-9][0-9]{0,8})")) {
                classes++;
            } else if (!List.of("id", "label", "prediction", "slice", "cluster").contains(name)) {
                throw new Refusal("the header has a column " + quoted(name), ALLOWED);
            }
        }
        for (String required : List.of("id", "label", "prediction")) {
            if (!seen.contains(required)) {
                throw new Refusal("the header lacks the column " + required, ALLOWED);
            }
        }
        int[] probabilities = new int[classes];
        for (int i = 0; i < classes; i++) {
            probabilities[i] = header.indexOf("p" + i);
            if (probabilities[i] < 0) {
                throw new Refusal("the header lacks the column p" + i, "allowed: p0 to pN without gaps");
            }
        }
        return new PredictionColumns(List.copyOf(header), probabilities);
    }

    /** The row of a line's cells. */
    PredictionRow row(List<String> cells) throws Refusal {
        if (cells.size() != names.size()) {
            throw new Refusal("has " + cells.size() + " cells", "allowed: " + names.size() + ", one for each column");
        }
        if (cells.get(id).isEmpty()) {
            throw new Refusal("column id is empty", "allowed: the name of an example");
        }
        OptionalInt rightClass = cells.get(label).isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(classNumber("label", cells.get(label)));
        return new PredictionRow(
                cells.get(id),
                rightClass,
                classNumber("prediction", cells.get(prediction)),
                slice < 0 ? List.of() : slices(cells.get(slice)),
                probabilities(cells),
                cluster < 0 || cells.get(cluster).isEmpty() ? Optional.empty() : Optional.of(cells.get(cluster)));
    }

    private static int classNumber(String column, String cell) throws Refusal {
        boolean digits = !cell.isEmpty() && cell.length() <= 10 && cell.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = digits ? Long.parseLong(cell) : -1;
        if (value < 0 || value > Integer.MAX_VALUE) {
            String orEmpty = column.equals("label") ? ", or empty where it is not known" : "";
            throw new Refusal(
                    "column " + column + " is " + quoted(cell),
                    "allowed: a class number, 0 to " + Integer.MAX_VALUE + orEmpty);
        }
        return (int) value;
    }

    private static List<String> slices(String cell) {
        if (cell.isEmpty()) {
            return List.of();
        }
        Set<String> slices = new LinkedHashSet<>();
        for (String part : cell.split(";", -1)) {
            if (!part.isBlank()) {
                slices.add(part.strip());
            }
        }
        return new ArrayList<>(slices);
    }

    private float[] probabilities(List<String> cells) throws Refusal {
        if (Arrays.stream(probabilities).allMatch(column -> cells.get(column).isEmpty())) {
            return NONE;
        }
        float[] values = new float[probabilities.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = probability("p" + i, cells.get(probabilities[i]));
        }
        return values;
    }

    private static float probability(String column, String cell) throws Refusal {
        double value = Double.NaN;
        if (cell.matches("[0-9.eE+-]+")) {
            try {
                value = Double.parseDouble(cell);
            } catch (NumberFormatException e) {
                value = Double.NaN;
            }
        }
        if (!(value >= 0 && value <= 1)) {
            throw new Refusal(
                    "column " + column + " is " + quoted(cell),
                    "allowed: 0 to 1, or every probability of the line empty");
        }
        return (float) value;
    }

    private static String quoted(String cell) {
        return "'" + (cell.length() > 40 ? cell.substring(0, 40) + "..." : cell) + "'";
    }
}
