package dev.weir.clients.subscribe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory of complete versions of one channel, {@code vNNNNNN} each, and {@code current}, a relative link to one of
 * them. A version is put together under a hidden name and renamed when it is complete and on disk; so is the link. A
 * process killed at any point leaves at most a hidden name, which the next pull removes.
 */
final class VersionDirectory {

    static final String MODEL_FILE = "model.safetensors";
    static final String MANIFEST_FILE = "manifest.json";
    static final String CURRENT = "current";

    private static final String HIDDEN_VERSION = ".pull-";
    private static final String HIDDEN_LINK = ".current-";
    private static final Pattern VERSION = Pattern.compile("v(\\d{6,19})");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;

    VersionDirectory(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    static String name(long version) {
        return String.format("v%06d", version);
    }

    /**
     * Makes a version present and lets {@code current} name it.
     *
     * @param manifest what the version is
     * @param writer writes its weights to the file that it is given; not called if the version is there already
     * @return the version's directory
     */
    Path install(Manifest manifest, Switching switching, Consumer<Path> writer) {
        try {
            Files.createDirectories(directory);
            DirectoryLock lock = DirectoryLock.of(directory);
            try {
                removeLeftovers();
                OptionalLong current = currentVersion(manifest);
                Path version = directory.resolve(name(manifest.getVersion()));
                if (Files.exists(version, LinkOption.NOFOLLOW_LINKS)) {
                    checkSame(version, manifest);
                } else {
                    create(version, manifest, writer);
                }
                boolean backwards = current.isPresent() && current.getAsLong() > manifest.getVersion();
                boolean there = current.isPresent() && current.getAsLong() == manifest.getVersion();
                if (!there && !(backwards && switching == Switching.FORWARD_ONLY)) {
                    switchTo(version);
                }
                return version;
            } finally {
                lock.close();
            }
        } catch (IOException | UncheckedIOException e) {
            throw failed(e);
        }
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

    private OptionalLong currentVersion(Manifest manifest) throws IOException {
        OptionalLong version = currentVersion();
        Path file = directory.resolve(CURRENT).resolve(MANIFEST_FILE);
        if (version.isPresent() && Files.exists(file)) {
            JsonNode there = read(file);
            String model = there.path("model").asText();
            String channel = there.path("channel").asText();
            if (!model.equals(manifest.getModel()) || !channel.equals(manifest.getChannel())) {
                throw foreign("it holds channel " + channel + " of model " + model + ", not channel "
                        + manifest.getChannel() + " of model " + manifest.getModel());
            }
        }
        return version;
    }

    private void create(Path version, Manifest manifest, Consumer<Path> writer) throws IOException {
        Path hidden = directory.resolve(HIDDEN_VERSION + UUID.randomUUID());
        Files.createDirectory(hidden);
        try {
            writer.accept(hidden.resolve(MODEL_FILE));
            Durable.write(
                    hidden.resolve(MANIFEST_FILE), ManifestJson.write(manifest).getBytes(StandardCharsets.UTF_8));
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
        Path file = version.resolve(MANIFEST_FILE);
        String digest = Files.exists(file) ? read(file).path("digest").asText() : "none";
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

    private JsonNode read(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw foreign(file + " is no JSON");
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
                "allowed: an empty directory, or one that pulls of this channel made",
                "choose another directory, or remove what is in the way");
    }
}
