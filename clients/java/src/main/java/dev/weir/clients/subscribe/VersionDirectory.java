package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory of complete versions of one channel, or of a model's baselines, {@code vNNNNNN} each, and {@code current},
 * a relative link to one of them. A version is put together under a hidden name and renamed when it is complete and on disk; so is the link. A
 * process killed at any point leaves at most a hidden name, which the next pull removes.
 */
public final class VersionDirectory {

    static final String MODEL_FILE = "model.safetensors";
    static final String CURRENT = "current";

    private static final String HIDDEN_VERSION = ".pull-";
    private static final String HIDDEN_LINK = ".current-";
    private static final Pattern VERSION = Pattern.compile("v(\\d{6,19})");

    private final Path directory;

    @FunctionalInterface
    private interface DiskWork<T> {
        T run() throws IOException;
    }

    /** A directory that belongs to one channel, or to a model's baselines; it need not be there yet. */
    public VersionDirectory(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    static String name(long version) {
        return String.format(Locale.ROOT, "v%06d", version);
    }

    /**
     * Makes a channel's version present and lets {@code current} name it.
     *
     * @param manifest what the version is
     * @param switching whether {@code current} may move to an older version
     * @param writer puts its weights where it is told; not called if the version is there already
     * @return the version's directory
     * @throws ClientException if the directory holds something else or the disk fails
     */
    public Path install(Manifest manifest, Switching switching, Consumer<Path> writer) {
        return install(Holding.ofChannel(manifest), manifest, switching, writer);
    }

    /**
     * Makes a version present and lets {@code current} name it.
     *
     * @param holding what the directory holds
     * @param manifest what the version is
     * @param writer writes its weights to the file that it is given; not called if the version is there already
     * @return the version's directory
     */
    Path install(Holding holding, Manifest manifest, Switching switching, Consumer<Path> writer) {
        return locked(() -> {
            OptionalLong current = currentVersion(holding);
            long number = holding.number(manifest);
            Path version = directory.resolve(name(number));
            if (Files.exists(version, LinkOption.NOFOLLOW_LINKS)) {
                checkSame(version, manifest);
            } else {
                create(version, holding.documents(manifest), writer);
            }
            boolean backwards = current.isPresent() && current.getAsLong() > number;
            boolean there = current.isPresent() && current.getAsLong() == number;
            if (!there && !(backwards && switching == Switching.FORWARD_ONLY)) {
                switchTo(version);
            }
            return version;
        });
    }

    /**
     * Refuses a directory whose {@code current} is newer than all that a channel has: an earlier model, or channel, of the same
     * name has left it, and it would be served until the new one has as many versions.
     *
     * @param manifest one of the channel's versions
     * @param newest the number of its newest one, asked for if {@code current} is newer than the former
     * @throws ClientException if it is so, or the directory holds something else
     */
    void refuseWhatIsNewer(Manifest manifest, LongSupplier newest) {
        try {
            OptionalLong current = currentVersion(Holding.ofChannel(manifest));
            if (current.isPresent() && current.getAsLong() > manifest.getVersion()) {
                long last = newest.getAsLong();
                if (current.getAsLong() > last) {
                    throw foreign(CURRENT + " is version " + current.getAsLong() + " of channel "
                            + manifest.getChannel() + ", whose newest is " + last
                            + ": another model or channel of this name has left it");
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw failed(e);
        }
    }

    /**
     * Lets {@code current} name a promoted version that is there already.
     *
     * @param number the verdict's
     * @return the version's directory; empty if it is not there
     */
    Optional<Path> switchBack(Holding holding, long number) {
        return locked(() -> {
            OptionalLong current = currentVersion(holding);
            Path version = directory.resolve(name(number));
            if (!holding.isPromoted(version) || !Files.exists(version.resolve(MODEL_FILE))) {
                return Optional.empty();
            }
            if (current.isEmpty() || current.getAsLong() != number) {
                switchTo(version);
            }
            return Optional.of(version);
        });
    }

    /**
     * Deletes all but the newest versions; never the one that {@code current} names, and nothing that is no version.
     *
     * @param count how many of the newest stay, 1 or more
     * @return the names of the versions that were deleted, oldest first
     * @throws ClientException if the disk fails
     */
    public List<String> keepNewest(int count) {
        return locked(() -> {
            OptionalLong current = currentVersion();
            TreeMap<Long, Path> versions = new TreeMap<>();
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "v*")) {
                for (Path path : all) {
                    Matcher name = VERSION.matcher(path.getFileName().toString());
                    if (name.matches() && Files.exists(path.resolve(Holding.MANIFEST_FILE))) {
                        versions.put(Long.parseLong(name.group(1)), path);
                    }
                }
            }
            List<String> deleted = new ArrayList<>();
            for (Map.Entry<Long, Path> version :
                    List.copyOf(versions.entrySet()).subList(0, Math.max(0, versions.size() - count))) {
                if (current.isEmpty() || current.getAsLong() != version.getKey()) {
                    // Hidden first: a version that is seen is complete.
                    Path hidden = directory.resolve(HIDDEN_VERSION + UUID.randomUUID());
                    Files.move(version.getValue(), hidden, StandardCopyOption.ATOMIC_MOVE);
                    Durable.delete(hidden);
                    deleted.add(version.getValue().getFileName().toString());
                }
            }
            return deleted;
        });
    }

    /** The version that {@code current} names; empty if there is no such link. */
    OptionalLong currentVersion() throws IOException {
        Path current = directory.resolve(CURRENT);
        if (!Files.exists(current, LinkOption.NOFOLLOW_LINKS)) {
            return OptionalLong.empty();
        }
        if (Files.isSymbolicLink(current)) {
            Matcher name = VERSION.matcher(Files.readSymbolicLink(current).toString());
            if (name.matches()) {
                return OptionalLong.of(Long.parseLong(name.group(1)));
            }
        }
        throw foreign(CURRENT + " is no link to a version");
    }

    private <T> T locked(DiskWork<T> work) {
        try {
            Files.createDirectories(directory);
            DirectoryLock lock = DirectoryLock.of(directory);
            try {
                removeLeftovers();
                return work.run();
            } finally {
                lock.close();
            }
        } catch (IOException | UncheckedIOException e) {
            throw failed(e);
        }
    }

    private OptionalLong currentVersion(Holding holding) throws IOException {
        OptionalLong version = currentVersion();
        String objection = version.isPresent() ? holding.objection(directory.resolve(CURRENT)) : "";
        if (!objection.isEmpty()) {
            throw foreign(objection);
        }
        return version;
    }

    private void create(Path version, Map<String, byte[]> documents, Consumer<Path> writer) throws IOException {
        Path hidden = directory.resolve(HIDDEN_VERSION + UUID.randomUUID());
        Files.createDirectory(hidden);
        try {
            writer.accept(hidden.resolve(MODEL_FILE));
            for (Map.Entry<String, byte[]> document : documents.entrySet()) {
                Durable.write(hidden.resolve(document.getKey()), document.getValue());
            }
            Durable.forceDirectory(hidden);
            Files.move(hidden, version, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            if (Files.exists(hidden)) {
                Durable.delete(hidden);
            }
        }
        Durable.forceDirectory(directory);
    }

    private void switchTo(Path version) throws IOException {
        Path hidden = directory.resolve(HIDDEN_LINK + UUID.randomUUID());
        try {
            Files.createSymbolicLink(hidden, version.getFileName());
        } catch (UnsupportedOperationException e) {
            throw new IOException("no symbolic links here", e);
        }
        Files.move(
                hidden,
                directory.resolve(CURRENT),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Durable.forceDirectory(directory);
    }

    private void checkSame(Path version, Manifest manifest) throws IOException {
        Path file = version.resolve(Holding.MANIFEST_FILE);
        String digest = Files.exists(file) ? Holding.read(file).path("digest").asText() : "none";
        if (!digest.equals(ManifestJson.hex(manifest.getDigest())) || !Files.exists(version.resolve(MODEL_FILE))) {
            throw foreign(version.getFileName() + " is another snapshot or was damaged: its digest is " + digest
                    + ", the channel's version has " + ManifestJson.hex(manifest.getDigest()));
        }
    }

    private void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers =
                Files.newDirectoryStream(directory, "{" + HIDDEN_VERSION + "*," + HIDDEN_LINK + "*}")) {
            for (Path leftover : leftovers) {
                Durable.delete(leftover);
            }
        }
    }

    private ClientException failed(Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new ClientException(
                ClientException.Reason.FAILED,
                "directory " + directory,
                "cannot be written (" + cause + ")",
                "allowed: a directory on a disk with room and symbolic links",
                "correct it and pull again",
                failure);
    }

    private ClientException foreign(String problem) {
        return new ClientException(
                ClientException.Reason.INVALID,
                "directory " + directory,
                problem,
                "allowed: an empty directory, or one that pulls of the same kind made",
                "choose another directory, or remove what is in the way");
    }
}
