package dev.weir.cli.rank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import dev.weir.cli.WeirException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of numbers: CSV in UTF-8, the first row the names of the columns, the first column the names of the rows.
 *
 * @param file where it comes from, for messages
 * @param columns names of the columns after the first
 * @param rows all rows after the first, each with as many cells as there are columns
 */
record CsvTable(Path file, List<String> columns, List<Row> rows) {

    private static final CsvFactory FACTORY = CsvFactory.builder()
            .enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .disable(CsvParser.Feature.ALLOW_TRAILING_COMMA)
            .build();

    /**
     * A row.
     *
     * @param name its first cell
     * @param line of the file on which it begins, from 1 on
     * @param cells the others
     */
    record Row(String name, long line, List<String> cells) {}

    /** Reads a table. */
    static CsvTable read(Path file) {
        List<Row> rows = new ArrayList<>();
        try (CsvParser parser = FACTORY.createParser(new BufferedInputStream(Files.newInputStream(file)))) {
            while (parser.nextToken() != null) {
                long line = parser.currentLocation().getLineNr();
                List<String> cells = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    cells.add(parser.getText());
                }
                Row row = new Row(cells.get(0), line, List.copyOf(cells.subList(1, cells.size())));
                requireWidth(file, rows, row);
                rows.add(row);
            }
        } catch (NoSuchFileException e) {
            throw new WeirException(file.toString(), "no such file", "", "", e);
        } catch (JsonProcessingException e) {
            throw new WeirException(file.toString(), "is no CSV (" + e.getOriginalMessage() + ")", "", "", e);
        } catch (IOException e) {
            throw new WeirException(file.toString(), "cannot be read (" + e + ")", "", "", e);
        }
        if (rows.size() < 2 || rows.get(0).cells().isEmpty()) {
            throw new WeirException(
                    file.toString(),
                    "holds no table",
                    "allowed: a row of column names, rows with a name and numbers",
                    "see weir rank --help");
        }
        return new CsvTable(file, rows.get(0).cells(), List.copyOf(rows.subList(1, rows.size())));
    }

    /**
     * The number of a cell.
     *
     * @param gaps whether the cell may be empty, which is NaN
     */
    double number(Row row, int column, boolean gaps) {
        String cell = row.cells().get(column);
        if (cell.isEmpty() && gaps) {
            return Double.NaN;
        }
        try {
            double number = Double.parseDouble(cell);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Said below, with all other values that are not allowed.
        }
        throw new WeirException(
                file + ":" + row.line(),
                "column " + columns.get(column) + " of " + row.name() + " is '" + cell + "'",
                "allowed: a finite number" + (gaps ? ", or nothing" : ""),
                "");
    }

    private static void requireWidth(Path file, List<Row> before, Row row) {
        if (!before.isEmpty() && before.get(0).cells().size() != row.cells().size()) {
            throw new WeirException(
                    file + ":" + row.line(),
                    "has " + (row.cells().size() + 1) + " cells",
                    "allowed: " + (before.get(0).cells().size() + 1) + ", as the first row has",
                    "");
        }
    }
}
