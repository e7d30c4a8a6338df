package dev.weir.clients.publish;

import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkEncoder;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes the chunks of one checkpoint after another, each against the one before where that was accepted. Of the newest
 * one sent it keeps the only copy: should that be refused, the next one travels in full.
 */
final class DeltaWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaWriter.class);
    private static final long NONE = -1;

    private final Deltas deltas;
    private final Layout layout;
    private final LongSupplier nanoTime;
    private final ChunkEncoder encoder = new ChunkEncoder();
    private final EncodingRates rates = new EncodingRates();
    private final @Nullable ByteBuffer[] kept;
    private long keptStep = NONE;
    private long baseStep = NONE;
    private int sinceAnchor;
    private boolean outOfMemory;

    DeltaWriter(Deltas deltas, Layout layout, LongSupplier nanoTime) {
        this.deltas = deltas;
        this.layout = layout;
        this.nanoTime = nanoTime;
        this.kept = new ByteBuffer[deltas.any() ? layout.chunkCount() : 0];
    }

    /**
     * Begins a checkpoint.
     *
     * @param acceptedStep newest step of the epoch that was accepted; -1: none
     */
    void begin(long acceptedStep) {
        boolean anchor = sinceAnchor + 1 >= deltas.anchorEvery();
        baseStep = deltas.any() && !anchor && keptStep != NONE && keptStep == acceptedStep ? keptStep : NONE;
        sinceAnchor = baseStep == NONE ? 0 : sinceAnchor + 1;
        keptStep = NONE;
    }

    /** The step that differences of this checkpoint refer to; -1: it travels in full. */
    long baseStep() {
        return baseStep;
    }

    /** Encodes the next chunk; valid until the one after it. */
    EncodedChunk encode(ChunkSpec chunk, ByteBuffer bytes) {
        if (!deltas.any()) {
            return new EncodedChunk(Encoding.FULL, bytes);
        }
        ByteBuffer old = kept[chunk.index()];
        EncodedChunk encoded =
                baseStep == NONE || old == null ? new EncodedChunk(Encoding.FULL, bytes) : measured(chunk, old, bytes);
        if (encoded.encoding() != Encoding.UNCHANGED) {
            keep(chunk, old, bytes);
        }
        return encoded;
    }

    private void keep(ChunkSpec chunk, @Nullable ByteBuffer old, ByteBuffer bytes) {
        if (outOfMemory) {
            return;
        }
        try {
            ByteBuffer mine = old == null ? ByteBuffer.allocateDirect(chunk.byteSize()) : old;
            mine.clear().put(bytes.duplicate()).flip();
            kept[chunk.index()] = mine;
        } catch (OutOfMemoryError noRoom) {
            // The JVM bounds direct memory; a trainer must not die of it.
            LOG.warn(
                    "no room for a copy of the model ({}); checkpoints go on in full: raise -XX:MaxDirectMemorySize above {} bytes",
                    noRoom.getMessage(),
                    layout.byteSize());
            outOfMemory = true;
            Arrays.fill(kept, null);
        }
    }

    /** The checkpoint is in the log: how long the publisher waited for the link, and for how many bytes. */
    void sent(long step, long bytes, long waitedNanos) {
        keptStep = outOfMemory ? NONE : step;
        rates.sent(bytes, waitedNanos);
    }

    @Override
    public void close() {
        encoder.close();
    }

    private EncodedChunk measured(ChunkSpec chunk, ByteBuffer old, ByteBuffer bytes) {
        Choice choice = deltas.choice() == Choice.AUTO ? rates.next() : deltas.choice();
        long began = nanoTime.getAsLong();
        EncodedChunk encoded = encoder.encode(layout.tensorOf(chunk).dtype(), old, bytes, choice);
        long payloadBytes = encoded.payload().remaining();
        rates.encoded(choice, chunk.byteSize(), payloadBytes, nanoTime.getAsLong() - began);
        return encoded;
    }
}
