package dev.weir.schemas.delta;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

/** Runs of bytes of a length that the reader knows, each through zstd or, where that is not smaller, as they are. */
final class Sections implements AutoCloseable {
    /** Higher ones cost several times as much for a tenth of the size; see docs/adr/0012. */
    private static final int LEVEL = 1;
    /** Shorter ones stay as they are: a frame of zstd has eleven bytes of its own. */
    private static final int SHORTEST = 16;

    /** Matches shorter than this cost more than Huffman's codes of the same bytes. */
    private static final int SHORTEST_MATCH = 7;
    /** A small table of positions: what is near enough to match is rare, and the first-level cache is spared. */
    private static final int HASH_LOG = 7;

    private final ZstdCompressCtx compressor = new ZstdCompressCtx();
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

    Sections() {
        compressor.setLevel(LEVEL);
        compressor.setMinMatch(SHORTEST_MATCH);
        compressor.setHashLog(HASH_LOG);
    }

    /** Appends those bytes. */
    void write(byte[] bytes, int offset, int count, PayloadWriter out) {
        if (count >= SHORTEST) {
            int start = out.size();
            out.varint(count << 1); // As wide as the size that will stand here, which is smaller.
            int width = out.size() - start;
            int bound = (int) com.github.luben.zstd.Zstd.compressBound(count);
            byte[] array = out.room(bound);
            int size = compressor.compressByteArray(array, out.size(), bound, bytes, offset, count);
            if (size < count) {
                out.patchVarint(start, width, size << 1);
                out.advance(size);
                return;
            }
            out.truncate(start);
        }
        out.varint(count << 1 | 1);
        out.bytes(bytes, offset, count);
    }

    /** Reads that many bytes. */
    void read(PayloadReader in, byte[] to, int offset, int count) {
        int head = in.varint("size of a section", count << 1 | 1);
        int size = head >>> 1;
        if ((head & 1) != 0) {
            if (size != count) {
                throw in.problem("a plain section has " + size + " bytes, " + count + " are needed");
            }
            in.bytes(to, offset, count);
            return;
        }
        int from = in.skip(size, "a section");
        int got;
        try {
            got = decompressor.decompressByteArray(to, offset, count, in.array(), from, size);
        } catch (ZstdException e) {
            throw in.problem("a section of " + size + " bytes cannot be decompressed: " + e.getMessage(), e);
        }
        if (got != count) {
            throw in.problem("a section decompresses to " + got + " bytes, " + count + " are needed");
        }
    }

    @Override
    public void close() {
        compressor.close();
        decompressor.close();
    }
}
