package dev.weir.schemas.wire;

import java.nio.ByteBuffer;

/**
 * A chunk's record whose payload stays where it was received.
 *
 * @param head the record with an empty payload, as {@link RecordCodec#read(byte[])} reads it
 * @param encoding how the payload is encoded, by code
 * @param payload the payload, a view of what was received
 */
public record DetachedChunk(byte[] head, int encoding, ByteBuffer payload) {}
