package dev.weir.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** The 1,797 handwritten digits that come with the command. Rows are numbered from 0. Immutable. */
final class Digits {

    /** Pixels of a digit, 8 rows of 8. */
    static final int PIXELS = 64;

    /** Classes: the digits 0 to 9. */
    static final int CLASSES = 10;

    private static final String RESOURCE = "digits.csv.gz";
    private static final float WHITE = 16;

    private final List<float[]> pixels;
    private final int[] labels;

    private Digits(List<float[]> pixels, int[] labels) {
        this.pixels = pixels;
        this.labels = labels;
    }

    /** The digits packed beside this class. */
    static Digits load() {
        try (InputStream packed = Digits.class.getResourceAsStream(RESOURCE)) {
            if (packed == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the weir command");
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.US_ASCII));
            return parse(lines.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
    }

    /**
     * Other digits than those of the command.
     *
     * @param pixels {@link #PIXELS} numbers from 0 to 1 each
     * @param labels as many, each below {@link #CLASSES}
     */
    static Digits of(List<float[]> pixels, int[] labels) {
        if (pixels.size() != labels.length) {
            throw new IllegalArgumentException(pixels.size() + " digits with " + labels.length + " labels");
        }
        return new Digits(List.copyOf(pixels), labels.clone());
    }

    private static Digits parse(List<String> lines) {
        List<float[]> pixels = new ArrayList<>();
        int[] labels = new int[lines.size()];
        for (int row = 0; row < labels.length; row++) {
            String[] cells = lines.get(row).split(",");
            if (cells.length != PIXELS + 1) {
                throw new IllegalStateException(
                        RESOURCE + ", row " + row + ": " + cells.length + " cells, needed: " + (PIXELS + 1));
            }
            float[] image = new float[PIXELS];
            for (int i = 0; i < PIXELS; i++) {
                image[i] = Integer.parseInt(cells[i]) / WHITE;
            }
            pixels.add(image);
            labels[row] = Integer.parseInt(cells[PIXELS]);
        }
        return new Digits(pixels, labels);
    }

    int count() {
        return labels.length;
    }

    /** The pixels of a row, 0 to 1, row-major; not to be written to. */
    float[] pixels(int row) {
        return pixels.get(row);
    }

    /** The true label of a row. */
    int label(int row) {
        return labels[row];
    }

    /** Whether a row serves evaluation and is never trained on. */
    static boolean isHeldOut(int row) {
        return row % 3 == 2;
    }

    /** The rows held out for evaluation, ascending. */
    int[] heldOut() {
        return IntStream.range(0, count()).filter(Digits::isHeldOut).toArray();
    }

    /** The rows that may be trained on, ascending. */
    int[] trainable() {
        return IntStream.range(0, count()).filter(row -> !isHeldOut(row)).toArray();
    }
}
