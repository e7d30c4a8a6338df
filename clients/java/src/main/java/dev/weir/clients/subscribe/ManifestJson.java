package dev.weir.clients.subscribe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Tensor;
import java.util.HexFormat;
import java.util.TreeMap;

/** A manifest as a JSON document; equal snapshots give equal documents. */
public final class ManifestJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ManifestJson() {}

    /** The document, indented, with a newline at its end. */
    public static String write(Manifest manifest) {
        DefaultIndenter indent = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(indent);
        try {
            return MAPPER.writer(printer).writeValueAsString(tree(manifest)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree that cannot be written", e);
        }
    }

    /** The document as a tree. */
    public static ObjectNode tree(Manifest manifest) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("model", manifest.getModel());
        root.put("channel", manifest.getChannel());
        root.put("version", manifest.getVersion());
        root.put("seq", manifest.getSeq());
        if (manifest.getFromSeq() > 0) {
            root.put("fromSeq", manifest.getFromSeq());
        }
        root.put("run", manifest.getRun());
        root.put("step", manifest.getStep());
        root.put("digest", hex(manifest.getDigest()));
        root.put("layoutHash", hex(manifest.getLayoutHash()));
        root.put("operator", manifest.getOperator());
        ObjectNode settings = root.putObject("settings");
        new TreeMap<>(manifest.getSettings()).forEach(settings::put);
        if (!manifest.getProvenance().isEmpty()) {
            ObjectNode provenance = root.putObject("provenance");
            new TreeMap<>(manifest.getProvenance()).forEach((run, said) -> {
                ObjectNode of = provenance.putObject(run);
                new TreeMap<>(said).forEach(of::put);
            });
        }
        ArrayNode tensors = root.putArray("tensors");
        for (Tensor tensor : manifest.getLayout().getTensors()) {
            ObjectNode node = tensors.addObject();
            node.put("name", tensor.getName());
            node.put("dtype", tensor.getDtype());
            ArrayNode shape = node.putArray("shape");
            tensor.getShape().forEach(shape::add);
        }
        ArrayNode skipped = root.putArray("skipped");
        manifest.getSkipped().forEach(skipped::add);
        ArrayNode ingredients = root.putArray("ingredients");
        for (Ingredient ingredient : manifest.getIngredients()) {
            ObjectNode node = ingredients.addObject();
            node.put("seq", ingredient.getSeq());
            node.put("run", ingredient.getRun());
            node.put("step", ingredient.getStep());
            node.put("weight", ingredient.getWeight());
            node.put("checkpointDigest", hex(ingredient.getCheckpointDigest()));
        }
        root.put("omitted", manifest.getOmitted());
        root.put("omittedWeight", manifest.getOmittedWeight());
        return root;
    }

    static String hex(Sha256 digest) {
        return HexFormat.of().formatHex(digest.bytes());
    }
}
