package dev.weir.topology.merge;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the bytes of chunks that were left in the log: full ones, each at its anchor. */
final class SpilledChunks implements AutoCloseable {
    private final Refetch log;
    private final RecordCodec codec;
    private final ChunkPool pool;

    /** Uses a chunk's bytes. */
    interface Use {
        /** @param bytes the pool's; whoever takes them over gives them back */
        void take(int number, Held held, MemorySegment bytes);
    }

    SpilledChunks(Refetch log, RecordCodec codec, ChunkPool pool) {
        this.log = log;
        this.codec = codec;
        this.pool = pool;
    }

    /** Reads those of a checkpoint one after another, in the order of the log. */
    void each(Map<Integer, Held> chunks, Use use) {
        TreeMap<Long, Integer> left = new TreeMap<>();
        chunks.forEach((number, held) -> {
            if (held.spilled()) {
                left.put(held.anchor(), number);
            }
        });
        if (left.isEmpty()) {
            return;
        }
        log.read(left.navigableKeySet(), (offset, value, headers) -> {
            int number = Objects.requireNonNull(left.get(offset));
            Held held = Objects.requireNonNull(chunks.get(number));
            ByteBuffer bytes = ((Chunk) codec.read(value, headers, false)).getPayload();
            if (Crc.crc32c(bytes) != held.crc()) {
                throw new FoldException(
                        "the chunk at offset " + offset + " has other bytes than when it was read first",
                        "check the broker's disks");
            }
            use.take(number, held, pool.copy(MemorySegment.ofBuffer(bytes)));
        });
    }

    /** The chunk with its bytes, to be handed to {@link #release}; what has them already, as it is. */
    @Nullable
    Held fetch(@Nullable Held held) {
        if (held == null || !held.spilled()) {
            return held;
        }
        List<MemorySegment> read = new ArrayList<>();
        each(Map.of(0, held), (number, same, bytes) -> read.add(bytes));
        return held.with(read.getFirst());
    }

    /** Gives back what {@link #fetch} has read. */
    void release(@Nullable Held held, @Nullable Held fetched) {
        if (fetched != null && fetched != held) {
            pool.release(fetched.bytes());
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
