package dev.weir.topology.replay;

import dev.weir.schemas.record.MergedChunk;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Digests of the merged chunks that a replay produced: 32 bytes each, for comparing with what the log holds. */
final class ExpectedChunks {
    private final Map<VersionId, Map<Integer, byte[]>> digests = new HashMap<>();

    void add(VersionId id, MergedChunk chunk) {
        digests.computeIfAbsent(id, key -> new HashMap<>()).put(chunk.getChunk(), sha256(chunk.getPayload()));
    }

    boolean matches(VersionId id, int chunk, ByteBuffer payload) {
        byte[] wanted = digests.getOrDefault(id, Map.of()).get(chunk);
        return wanted != null && MessageDigest.isEqual(wanted, sha256(payload));
    }

    Set<Integer> chunks(VersionId id) {
        return new TreeSet<>(digests.getOrDefault(id, Map.of()).keySet());
    }

    private static byte[] sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
