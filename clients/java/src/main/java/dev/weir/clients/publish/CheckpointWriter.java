package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.evaluate.SideInputs;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.SpareArrays;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes checkpoints of one epoch: the chunks in order, then an end to every partition. */
final class CheckpointWriter {

    /** Chunk number in the key of a record that is no chunk. */
    static final int NO_CHUNK = -1;

    private static final int FORMAT = 1;
    private static final int FULL = Encoding.FULL.number();
    private static final long NO_BASE = -1;

    private final Transactions transactions;
    private final RecordCodec codec;
    private final String model;
    private final String deltas;
    private final String sideInputs;
    private final int partitions;
    private final String run;
    private final long epoch;
    private final Layout layout;
    private final DeltaWriter chunks;
    /** The producer copies each record when it is sent. */
    private final SpareArrays arrays = new SpareArrays();

    CheckpointWriter(
            Transactions transactions,
            RecordCodec codec,
            String model,
            int partitions,
            String run,
            long epoch,
            Layout layout,
            DeltaWriter chunks) {
        this.transactions = transactions;
        this.codec = codec;
        this.model = model;
        this.deltas = Connection.topics(model).deltas();
        this.sideInputs = Connection.topics(model).sideInputs();
        this.partitions = partitions;
        this.run = run;
        this.epoch = epoch;
        this.layout = layout;
        this.chunks = chunks;
    }

    /**
     * Returns when the whole checkpoint is committed.
     *
     * @param inputs side inputs of the checkpoint, by name
     * @param companions by name
     * @param acceptedStep newest step of the epoch that was accepted; -1: none
     */
    void write(
            long step,
            WeightSource weights,
            Map<String, Double> inputs,
            Map<String, WeightSource> companions,
            long acceptedStep) {
        List<ProducerRecord<byte[], byte[]>> numbers = inputs(step, inputs);
        chunks.begin(acceptedStep);
        long bytesBefore = transactions.sentBytes();
        long nanosBefore = transactions.waitedNanos();
        ContentDigest content = new ContentDigest(layout);
        List<PartDigest> parts = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            parts.add(new PartDigest());
        }
        Sha256 layoutHash = layout.hashRecord();
        SortedMap<String, WeightSource> ordered = new TreeMap<>(companions);
        List<WeightSource> sources = List.copyOf(ordered.values());
        int[][] companionCrcs = new int[sources.size()][layout.chunkCount()];
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec spec = layout.chunk(number);
            ByteBuffer bytes = weights.read(spec);
            content.update(bytes);
            int crc = Crc.crc32c(bytes);
            int partition = Layout.partition(number, partitions);
            parts.get(partition).add(number, crc);
            EncodedChunk encoded = chunks.encode(spec, bytes);
            byte[] value = codec.write(
                    new Chunk(
                            FORMAT,
                            run,
                            epoch,
                            step,
                            layoutHash,
                            number,
                            encoded.encoding().number(),
                            encoded.encoding() == Encoding.FULL ? NO_BASE : chunks.baseStep(),
                            crc,
                            encoded.payload()),
                    arrays);
            transactions.send(new ProducerRecord<>(deltas, partition, key(step, number), value));
            for (int i = 0; Companions.have(layout, spec) && i < sources.size(); i++) {
                companionCrcs[i][number] =
                        companion(step, Companions.number(layout, i + 1, number), spec, sources.get(i));
            }
        }
        add(companionCrcs, parts);
        numbers.addAll(ends(step, layoutHash, parts, new Sha256(content.finish()), List.copyOf(ordered.keySet())));
        transactions.sendTogether(numbers);
        transactions.commit();
        chunks.sent(step, transactions.sentBytes() - bytesBefore, transactions.waitedNanos() - nanosBefore);
    }

    /** Sends a companion's chunk behind that of the weights, and returns its checksum. */
    private int companion(long step, int number, ChunkSpec spec, WeightSource source) {
        ByteBuffer bytes = source.read(spec);
        if (bytes.remaining() != Companions.byteSize(spec)) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "companion of tensor " + layout.tensorOf(spec).name(),
                    "has " + bytes.remaining() + " bytes for " + spec.elements() + " elements",
                    "allowed: an f32 for each element",
                    "give the numbers in the checkpoint's layout");
        }
        int crc = Crc.crc32c(bytes);
        Chunk chunk = new Chunk(FORMAT, run, epoch, step, layout.hashRecord(), number, FULL, NO_BASE, crc, bytes);
        int partition = Layout.partition(spec.index(), partitions);
        transactions.send(new ProducerRecord<>(deltas, partition, key(step, number), codec.write(chunk, arrays)));
        return crc;
    }

    /** Digests go by chunk numbers, companions behind the weights. */
    private void add(int[][] companionCrcs, List<PartDigest> parts) {
        for (int companion = 0; companion < companionCrcs.length; companion++) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                if (Companions.have(layout, layout.chunk(number))) {
                    parts.get(Layout.partition(number, partitions))
                            .add(Companions.number(layout, companion + 1, number), companionCrcs[companion][number]);
                }
            }
        }
    }

    /** Side inputs become visible with the ends. */
    private List<ProducerRecord<byte[], byte[]>> inputs(long step, Map<String, Double> inputs) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        byte[] key = codec.write(new ModelKey(FORMAT, model));
        new TreeMap<>(inputs).forEach((name, value) -> {
            SideInput input = SideInputs.checkpoint(run, step, name, value, "trainer");
            records.add(new ProducerRecord<>(sideInputs, 0, key, codec.write(input)));
        });
        return records;
    }

    private List<ProducerRecord<byte[], byte[]>> ends(
            long step, Sha256 layoutHash, List<PartDigest> parts, Sha256 checkpointDigest, List<String> companions) {
        List<ProducerRecord<byte[], byte[]>> ends = new ArrayList<>();
        byte[] key = key(step, NO_CHUNK);
        for (int partition = 0; partition < partitions; partition++) {
            PartDigest part = parts.get(partition);
            int chunks = part.count();
            Sha256 digest = new Sha256(part.finish());
            End end = new End(
                    FORMAT, run, epoch, step, layoutHash, partition, chunks, digest, checkpointDigest, companions);
            ends.add(new ProducerRecord<>(deltas, partition, key, codec.write(end)));
        }
        return ends;
    }

    private byte[] key(long step, int chunk) {
        return codec.write(new DeltaKey(FORMAT, run, step, chunk));
    }
}
