package dev.weir.cli.experts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.LockFile;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A registry of experts in a JSON file, which is written as a whole or not at all. */
public final class RegistryFile {

    private static final int FORMAT_VERSION = 1;

    private final Path file;

    public RegistryFile(Path file) {
        this.file = file;
    }

    /** What is in it. */
    public ExpertRegistry read() {
        try {
            return parse(Json.parse(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw new WeirException(file.toString(), "no such file", "", "run weir experts add", e);
        } catch (JsonProcessingException e) {
            throw new WeirException(file.toString(), "is no JSON (" + e.getOriginalMessage() + ")", "", "", e);
        } catch (IOException e) {
            throw failed("cannot be read", e);
        } catch (IllegalArgumentException refused) {
            throw new WeirException(file.toString(), String.valueOf(refused.getMessage()), "", "", refused);
        }
    }

    /**
     * Changes it; one process at a time.
     *
     * @param change of what is in it, or of an empty registry where there is no file
     */
    public void change(UnaryOperator<ExpertRegistry> change) {
        Path lock = file.resolveSibling("." + file.getFileName() + ".lock");
        try (FileChannel held = LockFile.take(lock)) {
            if (held == null) {
                throw new WeirException(file.toString(), "another process changes it", "", "try again when it has");
            }
            ExpertRegistry changed = change.apply(Files.exists(file) ? read() : ExpertRegistry.EMPTY);
            write(Json.pretty(tree(changed)) + "\n");
        } catch (IOException e) {
            throw failed("cannot be written", e);
        }
    }

    private void write(String text) throws IOException {
        // What a process that was killed has left of it is written over.
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** How the registry names a model file: below its directory relative to it, so that both can be moved. */
    public String nameOf(Path model) {
        Path folder = file.toAbsolutePath().normalize().resolveSibling("");
        Path absolute = model.toAbsolutePath().normalize();
        return absolute.startsWith(folder) ? folder.relativize(absolute).toString() : absolute.toString();
    }

    /** The model file of an expert. */
    public Path fileOf(Expert expert) {
        return file.resolveSibling(expert.file());
    }

    /** As a document. */
    public static ObjectNode tree(ExpertRegistry registry) {
        ObjectNode root = Json.object().put("formatVersion", FORMAT_VERSION);
        ArrayNode experts = root.putArray("experts");
        registry.experts().values().forEach(expert -> {
            ObjectNode node = experts.addObject()
                    .put("name", expert.name())
                    .put("file", expert.file())
                    .put("digest", expert.digest())
                    .put("base", expert.base());
            expert.embedding().forEach(node.putArray("embedding")::add);
            expert.metadata().forEach(node.putObject("metadata")::put);
        });
        return root;
    }

    private static ExpertRegistry parse(JsonNode root) {
        if (root.path("formatVersion").asInt() != FORMAT_VERSION) {
            throw new IllegalArgumentException(
                    "registry: formatVersion is " + root.path("formatVersion") + "; allowed: " + FORMAT_VERSION);
        }
        List<Expert> experts = new ArrayList<>();
        for (JsonNode node : root.path("experts")) {
            List<Double> embedding = new ArrayList<>();
            node.path("embedding").forEach(number -> embedding.add(number.isNumber() ? number.asDouble() : Double.NaN));
            Map<String, String> metadata = new TreeMap<>();
            node.path("metadata")
                    .properties()
                    .forEach(one -> metadata.put(one.getKey(), one.getValue().asText()));
            experts.add(new Expert(
                    node.path("name").asText(),
                    node.path("file").asText(),
                    node.path("digest").asText(),
                    node.path("base").asText(),
                    embedding,
                    metadata));
        }
        return ExpertRegistry.of(experts);
    }

    private WeirException failed(String what, IOException e) {
        return new WeirException(file.toString(), what + " (" + e + ")", "", "", e);
    }
}
