package dev.weir.cli.align;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.weir.cli.WeirException;
import dev.weir.operators.align.PermutationSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A permutation spec as YAML or JSON: for each tensor a list of the groups of its axes, null for an axis that stays. A star in a name
 * stands for a number; the group of these numbers comes before those of the tensors' own axes.
 */
final class SpecFile {

    private static final ObjectMapper MAPPER = new ObjectMapper(new YAMLFactory());

    private SpecFile() {}

    static PermutationSpec read(Path file) {
        JsonNode root;
        try {
            root = MAPPER.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new WeirException(file.toString(), "no such file", "", "", e);
        } catch (JsonProcessingException e) {
            throw new WeirException(file.toString(), "is no YAML (" + e.getOriginalMessage() + ")", "", "", e);
        } catch (IOException e) {
            throw new WeirException(file.toString(), "cannot be read (" + e + ")", "", "", e);
        }
        SortedMap<String, List<String>> axes = new TreeMap<>();
        root.properties().forEach(entry -> axes.put(entry.getKey(), groups(file, entry.getKey(), entry.getValue())));
        try {
            return new PermutationSpec(axes);
        } catch (IllegalArgumentException refused) {
            throw new WeirException(file.toString(), String.valueOf(refused.getMessage()), "", "", refused);
        }
    }

    private static List<String> groups(Path file, String tensor, JsonNode axes) {
        List<String> groups = new ArrayList<>();
        boolean allowed = axes.isArray();
        for (JsonNode axis : axes) {
            allowed &= axis.isNull() || axis.isTextual() && !axis.asText().isEmpty();
            groups.add(axis.isNull() ? "" : axis.asText());
        }
        if (!allowed) {
            throw new WeirException(
                    file.toString(),
                    "tensor " + tensor + " has " + axes,
                    "allowed: a list with a group's name or null for each axis, such as [hidden, null]",
                    "");
        }
        return groups;
    }
}
