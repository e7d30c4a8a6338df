package dev.weir.clients.subscribe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.ClientException;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a directory of versions holds: one channel by its versions, or a model's baselines by the numbers of the verdicts
 * that put them in service. The two do not mix, and a promoted version is told by its second document.
 */
final class Holding {

    static final String MANIFEST_FILE = "manifest.json";
    static final String PROMOTION_FILE = "promotion.json";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String model;
    private final String channel;
    private final @Nullable Promotion promotion;

    private Holding(String model, String channel, @Nullable Promotion promotion) {
        this.model = model;
        this.channel = channel;
        this.promotion = promotion;
    }

    static Holding ofChannel(Manifest manifest) {
        return new Holding(manifest.getModel(), manifest.getChannel(), null);
    }

    static Holding ofPromoted(String model, Promotion promotion) {
        return new Holding(model, promotion.getSubject().getChannel(), promotion);
    }

    /** The number that a version's directory is named by. */
    long number(Manifest manifest) {
        return promotion == null ? manifest.getVersion() : promotion.getNumber();
    }

    /** The documents that lie beside a version's weights. */
    Map<String, byte[]> documents(Manifest manifest) {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        documents.put(MANIFEST_FILE, ManifestJson.write(manifest).getBytes(StandardCharsets.UTF_8));
        if (promotion != null) {
            String json = PromotionJson.tree(promotion).toPrettyString() + "\n";
            documents.put(PROMOTION_FILE, json.getBytes(StandardCharsets.UTF_8));
        }
        return documents;
    }

    /** What is wrong with a version that is there already being of the same directory; empty: nothing. */
    String objection(Path version) throws IOException {
        if (!Files.exists(version.resolve(MANIFEST_FILE))) {
            return "";
        }
        JsonNode there = read(version.resolve(MANIFEST_FILE));
        String itsModel = there.path("model").asText();
        String itsChannel = there.path("channel").asText();
        boolean promoted = Files.exists(version.resolve(PROMOTION_FILE));
        boolean same = promotion == null ? !promoted && itsChannel.equals(channel) : promoted;
        if (same && itsModel.equals(model)) {
            return "";
        }
        return "it holds " + (promoted ? "the promoted versions" : "channel " + itsChannel) + " of model " + itsModel
                + ", not " + (promotion == null ? "channel " + channel : "the promoted versions") + " of model "
                + model;
    }

    /** Whether that directory holds the version that the verdict is about, as an earlier pull left it. */
    boolean isPromoted(Path version) throws IOException {
        if (promotion == null
                || !Files.exists(version.resolve(PROMOTION_FILE))
                || !Files.exists(version.resolve(MANIFEST_FILE))) {
            return false;
        }
        JsonNode there = read(version.resolve(MANIFEST_FILE));
        return there.path("model").asText().equals(model)
                && there.path("channel").asText().equals(channel)
                && there.path("version").asLong() == promotion.getSubject().getVersion();
    }

    static JsonNode read(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "file " + file,
                    "is no JSON",
                    "allowed: what pulls have written",
                    "remove its directory, and pull again",
                    e);
        }
    }
}
