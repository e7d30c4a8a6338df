package dev.weir.schemas.delta;

import java.nio.ByteBuffer;

/**
 * An encoded chunk.
 *
 * @param encoding what was chosen
 * @param payload its bytes; valid until the encoder's next call
 */
public record EncodedChunk(Encoding encoding, ByteBuffer payload) {}
