package dev.weir.schemas.tensor;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run descends from and how it was trained, as its trainer says: a map of words, some of which operators know. Nobody can
 * see from weights whether it is true. In files it is {@code __metadata__}, each key behind {@link #METADATA_PREFIX}.
 */
public final class Provenance {

    /**
     * Name or digest of the pre-trained model from which the run descends, over however many fine-tunings: compared as text.
     * Models of two ancestors must not be averaged.
     */
    public static final String ANCESTOR = "ancestor";

    /** The task on which the weights that the run began with were fine-tuned, after the ancestor. */
    public static final String AUXILIARY = "auxiliary";

    /** The task on which the run fine-tunes. */
    public static final String TARGET = "target";

    /** How over-confidence was removed, such as {@code mixup+label-smoothing}, which makes WiSE-FT of it BANG. */
    public static final String CALIBRATION = "calibration";

    /** Keys of a run at most. */
    public static final int MAX_KEYS = 16;

    /** Bytes of a key in UTF-8 at most; one at least. */
    public static final int MAX_KEY_BYTES = 64;

    /** Bytes of a value in UTF-8 at most; one at least. */
    public static final int MAX_VALUE_BYTES = 256;

    /** Before each key in the metadata of a file. */
    public static final String METADATA_PREFIX = "weir.";

    private Provenance() {}

    /** Why a run cannot say this; empty: it can. */
    public static String refusal(Map<String, String> provenance) {
        if (provenance.size() > MAX_KEYS) {
            return "provenance has " + provenance.size() + " keys; allowed: up to " + MAX_KEYS;
        }
        for (Map.Entry<String, String> entry : new TreeMap<>(provenance).entrySet()) {
            if (outside(entry.getKey(), MAX_KEY_BYTES)) {
                return "provenance key \"" + entry.getKey() + "\" has " + bytes(entry.getKey())
                        + " bytes; allowed: 1 to " + MAX_KEY_BYTES;
            }
            if (outside(entry.getValue(), MAX_VALUE_BYTES)) {
                return "provenance " + entry.getKey() + " has " + bytes(entry.getValue()) + " bytes; allowed: 1 to "
                        + MAX_VALUE_BYTES;
            }
        }
        return "";
    }

    /** What all of them say alike; nothing of none. */
    public static SortedMap<String, String> common(List<? extends Map<String, String>> several) {
        SortedMap<String, String> common = new TreeMap<>(several.isEmpty() ? Map.of() : several.get(0));
        several.forEach(one -> common.entrySet().retainAll(one.entrySet()));
        return common;
    }

    /** What the metadata of a file say. */
    public static SortedMap<String, String> ofMetadata(Map<String, String> metadata) {
        SortedMap<String, String> provenance = new TreeMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(METADATA_PREFIX)) {
                provenance.put(key.substring(METADATA_PREFIX.length()), value);
            }
        });
        return provenance;
    }

    /** As metadata of a file. */
    public static SortedMap<String, String> toMetadata(Map<String, String> provenance) {
        SortedMap<String, String> metadata = new TreeMap<>();
        provenance.forEach((key, value) -> metadata.put(METADATA_PREFIX + key, value));
        return metadata;
    }

    private static boolean outside(String text, int most) {
        return text.isEmpty() || bytes(text) > most;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
