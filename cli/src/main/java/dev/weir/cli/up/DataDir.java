package dev.weir.cli.up;

import dev.weir.cli.LockFile;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of one {@code weir up}, held by a lock for as long as it runs. */
final class DataDir implements AutoCloseable {

    private static final long NEEDED_MIB = 64;

    private final Path root;
    private final FileChannel lockFile;
    private final boolean uncleanBefore;

    private DataDir(Path root, FileChannel lockFile, boolean uncleanBefore) {
        this.root = root;
        this.lockFile = lockFile;
        this.uncleanBefore = uncleanBefore;
    }

    static DataDir open(Path root) {
        try {
            for (String part : new String[] {"kafka", "registry/tmp", "logs", "models"}) {
                Files.createDirectories(root.resolve(part));
            }
            FileChannel lockFile = lock(root);
            long freeMib = Files.getFileStore(root).getUsableSpace() >> 20;
            if (freeMib < NEEDED_MIB) {
                lockFile.close();
                throw new WeirException(
                        "--data " + root,
                        "only " + freeMib + " MiB are free on its disk",
                        "needed: " + NEEDED_MIB + " MiB",
                        "free some space, or give another directory");
            }
            boolean unclean = lockFile.size() > 0;
            lockFile.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            lockFile.force(false);
            return new DataDir(root, lockFile, unclean);
        } catch (IOException e) {
            throw new WeirException(
                    "--data " + root,
                    "cannot be written (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")",
                    "needed: a writable directory with " + NEEDED_MIB + " MiB free",
                    "give another directory",
                    e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel file = LockFile.take(root.resolve("up.lock"));
        if (file == null) {
            throw new WeirException(
                    "--data " + root,
                    "another weir up runs on it",
                    "allowed: one per directory",
                    "stop that one, or give another --data and other ports");
        }
        return file;
    }

    /** Whether the last one that ran here was killed, so that its child processes may still be on their way out. */
    boolean uncleanBefore() {
        return uncleanBefore;
    }

    Path root() {
        return root;
    }

    Path kafka() {
        return root.resolve("kafka");
    }

    Path registry() {
        return root.resolve("registry");
    }

    Path models() {
        return root.resolve("models");
    }

    Path log(String name) {
        return root.resolve("logs").resolve(name + ".log");
    }

    /** After a clean end: the lock file is left empty. */
    @Override
    public void close() {
        try {
            lockFile.truncate(0);
            lockFile.close();
        } catch (IOException e) {
            // The next start then waits a little for ports, which is all that depends on it.
        }
    }
}
