package dev.weir.topology.merge;

import dev.weir.operators.shape.Companion;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.topology.store.FoldException;
import org.jspecify.annotations.Nullable;

/** The companions of a checkpoint while its weights are folded in, chunk by chunk. */
final class CompanionChunks implements AutoCloseable {
    private final StagedCheckpoint checkpoint;
    private final Layout layout;
    private final SpilledChunks spilled;
    private int number = -1;
    private @Nullable Held held;
    private @Nullable Held here;

    CompanionChunks(StagedCheckpoint checkpoint, Layout layout, SpilledChunks spilled) {
        this.checkpoint = checkpoint;
        this.layout = layout;
        this.spilled = spilled;
    }

    /**
     * The companion's numbers for one chunk of the weights; valid until the next one's.
     *
     * @throws FoldException when the checkpoint has no companion of that name
     */
    Companion of(String name, int chunk) {
        int first = checkpoint.firstOf(layout, name);
        if (number != first + chunk) {
            close();
            number = first + chunk;
            held = first < 0 ? null : checkpoint.chunks().get(number);
            here = spilled.fetch(held);
        }
        Held found = here;
        if (found == null) {
            throw new FoldException("chunk " + chunk + " of companion " + name
                    + " is needed and did not come with the checkpoint; the log contradicts itself");
        }
        return new Companion(found.bytes(), Dtype.F32);
    }

    @Override
    public void close() {
        spilled.release(held, here);
        held = null;
        here = null;
        number = -1;
    }
}
