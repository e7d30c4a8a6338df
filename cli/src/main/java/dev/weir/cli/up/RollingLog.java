package dev.weir.cli.up;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A child's log: two files at most, each bounded. A disk that is full loses lines, never stops the child. */
final class RollingLog implements AutoCloseable {

    private final Path file;
    private final long limitBytes;
    private @Nullable OutputStream out;
    private long sizeBytes;
    private String lastLine = "";

    RollingLog(Path file, long limitBytes) {
        this.file = file;
        this.limitBytes = limitBytes;
    }

    synchronized void add(String line) {
        if (!line.isBlank() && !line.startsWith("ready") && !line.startsWith("\t") && !line.startsWith(" ")) {
            lastLine = line;
        }
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (out == null) {
                out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                sizeBytes = Files.size(file);
            }
            out.write(bytes);
            sizeBytes += bytes.length;
            if (sizeBytes > limitBytes) {
                close();
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            close();
        }
    }

    /** The newest line that is neither an announcement nor a continuation of another, or an empty string. */
    synchronized String lastLine() {
        return lastLine;
    }

    @Override
    public synchronized void close() {
        OutputStream closing = out;
        out = null;
        if (closing == null) {
            return;
        }
        try {
            closing.close();
        } catch (IOException e) {
            // Nothing is buffered here.
        }
    }
}
