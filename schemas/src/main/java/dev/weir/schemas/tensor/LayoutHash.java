package dev.weir.schemas.tensor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** The canonical form of a layout: every part of variable length follows its length. */
final class LayoutHash {

    private LayoutHash() {}

    static byte[] of(List<TensorSpec> tensors, int chunkElements) {
        MessageDigest digest = Digests.sha256();
        Digests.putInt(digest, chunkElements);
        Digests.putInt(digest, tensors.size());
        for (TensorSpec tensor : tensors) {
            putBytes(digest, tensor.nameBytes());
            putBytes(digest, tensor.dtype().label().getBytes(StandardCharsets.US_ASCII));
            Digests.putInt(digest, tensor.shape().size());
            for (long length : tensor.shape()) {
                Digests.putLong(digest, length);
            }
        }
        return digest.digest();
    }

    private static void putBytes(MessageDigest digest, byte[] bytes) {
        Digests.putInt(digest, bytes.length);
        digest.update(bytes);
    }
}
