package dev.weir.cli.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.schemas.delta.Encoding;

/** Bytes of a delta file, by what they are for. */
public final class DeltaSizes {
    private final int[] chunks = new int[Encoding.values().length];
    private final long[] plainBytes = new long[chunks.length];
    private final long[] payloadBytes = new long[chunks.length];
    private long fileBytes;
    private long resultBytes;

    void add(Encoding encoding, int plain, int payload) {
        chunks[encoding.ordinal()]++;
        plainBytes[encoding.ordinal()] += plain;
        payloadBytes[encoding.ordinal()] += payload;
    }

    void total(long ofFile, long ofResult) {
        fileBytes = ofFile;
        resultBytes = ofResult;
    }

    /** Of the delta file over the restored one. */
    public double ratio() {
        return (double) fileBytes / resultBytes;
    }

    /** The document of {@code --json}. */
    public ObjectNode json() {
        ObjectNode root = Json.object()
                .put("deltaBytes", fileBytes)
                .put("resultBytes", resultBytes)
                .put("ratio", Math.round(ratio() * 1e6) / 1e6);
        ObjectNode encodings = root.putObject("encodings");
        for (Encoding encoding : Encoding.values()) {
            int i = encoding.ordinal();
            encodings
                    .putObject(encoding.label())
                    .put("chunks", chunks[i])
                    .put("plainBytes", plainBytes[i])
                    .put("payloadBytes", payloadBytes[i]);
        }
        return root;
    }
}
