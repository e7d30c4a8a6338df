package dev.weir.schemas.safetensors;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Composes files byte by byte, as the format's description has it. */
final class Handmade {

    private static final Path HANDLES = Path.of("/proc/self/fd");

    private Handmade() {}

    static byte[] bytes(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 8; i++) {
            out.write((int) ((long) json.length >>> (8 * i)));
        }
        out.writeBytes(json);
        out.writeBytes(data);
        return out.toByteArray();
    }

    static Path write(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often this process has a file open. */
    static long handles(Path file) {
        assumeTrue(Files.isDirectory(HANDLES), "needs " + HANDLES);
        try (Stream<Path> handles = Files.list(HANDLES)) {
            Path real = file.toRealPath();
            return handles.filter(handle -> names(handle, real)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean names(Path handle, Path file) {
        try {
            return Files.readSymbolicLink(handle).equals(file);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    static byte[] drain(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
