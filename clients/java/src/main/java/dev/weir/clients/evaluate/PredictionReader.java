package dev.weir.clients.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import dev.weir.clients.ClientException;
import dev.weir.clients.ClientException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a prediction file, row by row and in little memory: CSV in UTF-8 with a header of {@code id,label,prediction},
 * optionally {@code slice}, whose cells may hold several names between semicolons, {@code cluster}, what the example hangs
 * together with, and {@code p0} to {@code pN}. A label, a slice and a cluster may be empty. Ids that come twice are passed
 * on: who collects rows counts them.
 *
 * <p>Every fault is a {@link ClientException} that names file, line, column, value and what is allowed.
 */
public final class PredictionReader implements Iterator<PredictionRow>, AutoCloseable {

    private static final CsvFactory FACTORY = CsvFactory.builder()
            .enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .disable(CsvParser.Feature.ALLOW_TRAILING_COMMA)
            .build();

    private final String name;
    private final CsvParser parser;
    private final PredictionColumns columns;
    private final List<String> cells = new ArrayList<>();
    private long line;
    private long nextLine;
    private @Nullable PredictionRow next;

    private PredictionReader(String name, InputStream in) throws IOException {
        this.name = name;
        this.parser = FACTORY.createParser(in);
        try {
            this.columns = header();
            advance();
        } catch (RuntimeException e) {
            parser.close();
            throw e;
        }
    }

    /** Opens a file. */
    public static PredictionReader open(Path file) {
        try {
            return open(file.toString(), new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        } catch (NoSuchFileException e) {
            throw new ClientException(Reason.MISSING, file.toString(), "no such file", "", "", e);
        } catch (IOException e) {
            throw new ClientException(Reason.FAILED, file.toString(), "cannot be read (" + e + ")", "", "", e);
        }
    }

    /**
     * Reads a stream, which {@link #close} closes.
     *
     * @param name what errors call it
     */
    public static PredictionReader open(String name, InputStream in) {
        try {
            return new PredictionReader(name, in);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public PredictionRow next() {
        PredictionRow row = next;
        if (row == null) {
            throw new NoSuchElementException(name + ": no more rows");
        }
        line = nextLine;
        advance();
        return row;
    }

    /** The line, from 1 on, on which the row that {@link #next} returned last begins. */
    public long line() {
        return line;
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private PredictionColumns header() {
        if (!readCells()) {
            throw new ClientException(
                    Reason.INVALID, name, "is empty", "allowed: a header of id,label,prediction, and rows", "");
        }
        try {
            return PredictionColumns.of(cells);
        } catch (PredictionColumns.Refusal refusal) {
            throw refused(refusal);
        }
    }

    private void advance() {
        try {
            next = readCells() ? columns.row(cells) : null;
        } catch (PredictionColumns.Refusal refusal) {
            throw refused(refusal);
        }
    }

    private boolean readCells() {
        try {
            cells.clear();
            if (parser.nextToken() == null) {
                return false;
            }
            nextLine = parser.currentLocation().getLineNr();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                cells.add(parser.getText());
            }
            return true;
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private ClientException refused(PredictionColumns.Refusal refusal) {
        return new ClientException(
                Reason.INVALID, name + ":" + nextLine, refusal.problem(), refusal.allowed(), "", refusal);
    }

    private static ClientException unreadable(String name, IOException e) {
        if (e instanceof JsonProcessingException) {
            JsonProcessingException malformed = (JsonProcessingException) e;
            String at = malformed.getLocation() == null
                    ? ""
                    : ":" + malformed.getLocation().getLineNr();
            return new ClientException(
                    Reason.INVALID,
                    name + at,
                    "is no CSV (" + malformed.getOriginalMessage() + ")",
                    "allowed: cells between commas, a quote inside a quoted cell doubled",
                    "",
                    e);
        }
        return new ClientException(Reason.FAILED, name, "cannot be read (" + e + ")", "", "", e);
    }
}
