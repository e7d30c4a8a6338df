package dev.weir.topology.coordinate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library of the store in which Kafka Streams keeps the coordinator's state. Left to itself it unpacks 15 MB into the
 * system's temporary directory at each start, under another name, and a process that is killed leaves them there.
 */
public final class RocksDbLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(RocksDbLibrary.class);

    private RocksDbLibrary() {}

    /**
     * Loads it from a directory, where it takes the place of the one before.
     *
     * @param directory belongs to this process alone; where nothing can be loaded from it, the temporary directory serves
     */
    public static void unpack(Path directory) {
        try {
            NativeLibraryLoader.getInstance()
                    .loadLibrary(Files.createDirectories(directory).toString());
        } catch (IOException | RuntimeException | UnsatisfiedLinkError unusable) {
            LOG.warn(
                    "{}: the library of the state's store cannot be unpacked or loaded there ({}); it goes into {}",
                    directory,
                    unusable.getMessage(),
                    System.getProperty("java.io.tmpdir"));
        }
    }
}
