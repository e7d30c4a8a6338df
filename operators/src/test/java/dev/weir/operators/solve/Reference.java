package dev.weir.operators.solve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What NumPy and SciPy say; src/test/python/solve_reference.py says how the data was made. */
public record Reference(String name, List<double[][]> matrices) {

    /** The cases of a kind. */
    public static List<Reference> of(String kind) throws IOException {
        try (InputStream data = Reference.class.getResourceAsStream("/solve-reference.csv")) {
            return new String(Objects.requireNonNull(data).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(kind + ","))
                    .map(line -> line.split(",", -1))
                    .map(cells -> new Reference(
                            cells[1],
                            Stream.of(cells).skip(2).map(Reference::matrix).toList()))
                    .toList();
        }
    }

    public double[][] matrix(int number) {
        return matrices.get(number);
    }

    /** The only row of a matrix. */
    public double[] row(int number) {
        return matrices.get(number)[0];
    }

    @Override
    public String toString() {
        return name;
    }

    private static double[][] matrix(String cell) {
        String[] shape = cell.substring(0, cell.indexOf(':')).split("x");
        String[] numbers = cell.substring(cell.indexOf(':') + 1).split(";");
        int columns = Integer.parseInt(shape[1]);
        double[][] matrix = new double[Integer.parseInt(shape[0])][columns];
        for (int i = 0; i < numbers.length; i++) {
            matrix[i / columns][i % columns] = Double.parseDouble(numbers[i]);
        }
        return matrix;
    }
}
