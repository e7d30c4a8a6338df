package dev.weir.topology.merge;

import dev.weir.operators.LerpBatch;
import dev.weir.operators.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The lerps of one partition's chunks, each done at the latest when somebody looks at its average. Those of chunks that enter before
 * their decision ({@link Foresight}) are done at once. Behind the log, another checkpoint's
 * wait for those of the next one, and are done in one pass with them, as long as the pool has room for both. Those of a checkpoint
 * that is emitted wait for its emission, which finds each average in the processor's cache then.
 */
final class LateLerps implements LerpBatch.Memory {
    private final Kernel kernel;
    private final ChunkPool pool;
    private final Map<Integer, LerpBatch> batches = new HashMap<>();
    private int kept;

    /** @param pool has the chunks, and has those back that wait when it needs room */
    LateLerps(Kernel kernel, ChunkPool pool) {
        this.kernel = kernel;
        this.pool = pool;
        pool.reclaimBy(this::runAll);
    }

    /** Those of one chunk, for all channels. */
    LerpBatch of(int chunk) {
        return batches.computeIfAbsent(chunk, number -> new LerpBatch(kernel, this));
    }

    /**
     * A checkpoint's chunk has entered all channels.
     *
     * @param emitted whether averages are emitted before the next checkpoint enters
     * @param behind whether the next checkpoint is there already
     */
    void entered(int chunk, boolean emitted, boolean behind) {
        LerpBatch batch = batches.get(chunk);
        if (batch == null) {
            return;
        }
        if ((emitted || behind) && pool.isWithinBudget(0)) {
            batch.leave(emitted);
        } else {
            batch.run();
        }
    }

    /** Does all that waits. */
    void runAll() {
        if (kept > 0) {
            batches.values().forEach(LerpBatch::run);
        }
    }

    @Override
    public void keep(MemorySegment chunk) {
        pool.keep(chunk);
        kept++;
    }

    @Override
    public void drop(MemorySegment chunk) {
        pool.drop(chunk);
        kept--;
    }
}
