package dev.weir.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file that says by its lock that somebody is at work; the lock ends with the process that has it, however that ends. */
public final class LockFile {

    private LockFile() {}

    /**
     * Takes the lock of a file, which is made where it is not there.
     *
     * @return the file; closed, it gives the lock back. Null: another process has it, or this one has already
     */
    public static @Nullable FileChannel take(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = channel.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            // The same as held by another one.
        } finally {
            if (!taken) {
                channel.close();
            }
        }
        return taken ? channel : null;
    }
}
