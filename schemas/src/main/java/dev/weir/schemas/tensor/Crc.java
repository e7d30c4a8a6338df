package dev.weir.schemas.tensor;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of a chunk's decoded bytes. */
public final class Crc {

    private Crc() {}

    /** CRC-32C of the buffer's remaining bytes; its position stays where it is. */
    public static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
