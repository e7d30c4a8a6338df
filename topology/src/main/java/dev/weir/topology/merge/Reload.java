package dev.weir.topology.merge;

import dev.weir.schemas.delta.BadDeltaException;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fills in bytes that a keyframe knew of, from the records before it: every chunk of a run from its anchor on is decoded
 * once more, against the one that it was made against. Kept are those that a later one may refer to, as decisions say.
 */
final class Reload implements AutoCloseable {
    private final ChunkIntake intake;
    private final ChunkPool pool;
    /** By run and epoch, then chunk, then step. */
    private final Map<Writer, Map<Integer, TreeMap<Long, MemorySegment>>> decoded = new TreeMap<>();

    private final Map<Writer, Long> decidedSteps = new TreeMap<>();
    /** Addresses of what was written before an epoch was opened, or opened once more: what comes in its place counts. */
    private final Set<Long> replaceable = new HashSet<>();

    private record Writer(String run, long epoch) implements Comparable<Writer> {
        @Override
        public int compareTo(Writer other) {
            int byRun = run.compareTo(other.run);
            return byRun != 0 ? byRun : Long.compare(epoch, other.epoch);
        }
    }

    Reload(ChunkIntake intake, ChunkPool pool) {
        this.intake = intake;
        this.pool = pool;
    }

    /**
     * A chunk from before the keyframe.
     *
     * @return its bytes, valid until the next call; null where they cannot be had or were refused then
     */
    @Nullable
    MemorySegment chunk(Chunk chunk, Layout layout) {
        int number = chunk.getChunk();
        if (number < 0 || number >= layout.chunkCount()) {
            return null;
        }
        Writer writer = new Writer(chunk.getRun(), chunk.getEpoch());
        TreeMap<Long, MemorySegment> steps =
                decoded.computeIfAbsent(writer, key -> new TreeMap<>()).computeIfAbsent(number, key -> new TreeMap<>());
        ChunkSpec spec = layout.chunk(number);
        MemorySegment base = steps.get(chunk.getBaseStep());
        if (base != null && base.byteSize() != spec.byteSize()) {
            // It names another layout than its run's, for which it was refused.
            return null;
        }
        ByteBuffer bytes;
        try {
            bytes = intake.decode(chunk, layout.tensorOf(spec).dtype(), base, spec.byteSize());
        } catch (BadDeltaException refused) {
            return null;
        }
        if (bytes.remaining() != spec.byteSize() || Crc.crc32c(bytes) != chunk.getCrc32c()) {
            return null;
        }
        // The first one counted; what came after a checkpoint's end or decision was late.
        MemorySegment known = steps.get(chunk.getStep());
        if ((known != null && !replaceable.contains(known.address()))
                || chunk.getStep() <= decidedSteps.getOrDefault(writer, -1L)) {
            return null;
        }
        MemorySegment copy = pool.copy(MemorySegment.ofBuffer(bytes));
        release(steps.put(chunk.getStep(), copy));
        return copy;
    }

    /** After an acceptance nothing refers to older steps, and to a refused one nothing ever does. */
    void decided(Decision decision) {
        Writer writer = new Writer(decision.getRun(), decision.getEpoch());
        decidedSteps.merge(writer, decision.getStep(), Math::max);
        Map<Integer, TreeMap<Long, MemorySegment>> chunks = decoded.getOrDefault(writer, Map.of());
        chunks.values().forEach(steps -> {
            if (decision.getVerdict() == Verdict.COMMIT) {
                Map<Long, MemorySegment> older = steps.headMap(decision.getStep());
                older.values().forEach(this::release);
                older.clear();
            } else {
                release(steps.remove(decision.getStep()));
            }
        });
    }

    /**
     * What was written of an epoch before it began was dropped, and is written again if it counts; an epoch that is opened once
     * more goes on with what it has.
     */
    void opened(Open open) {
        decoded.getOrDefault(new Writer(open.getRun(), open.getEpoch()), Map.of())
                .values()
                .forEach(steps -> steps.values().forEach(bytes -> replaceable.add(bytes.address())));
    }

    /** Gives back what was not taken over. */
    @Override
    public void close() {
        decoded.values()
                .forEach(chunks ->
                        chunks.values().forEach(steps -> steps.values().forEach(this::release)));
        decoded.clear();
    }

    private void release(@Nullable MemorySegment bytes) {
        if (bytes != null) {
            replaceable.remove(bytes.address());
            pool.release(bytes);
        }
    }
}
