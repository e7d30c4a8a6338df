package dev.weir.topology.coordinate;

import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.MergedRange;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the merged chunks of each complete version back, as committed, and computes its content digest. A digest over
 * whole tensors needs all partitions' chunks in order, which no merge task holds. The answer follows from the log alone,
 * so it needs no transaction: a repeated one says the same.
 *
 * <p>Versions are sealed in the order in which every partition emits them, so each partition is read once, forwards.
 */
final class Sealer implements AutoCloseable {
    private record Version(String channel, long version) {}

    private final Topics topics;
    private final String model;
    private final RecordCodec codec;
    private final int partitions;
    private final LinkedBlockingQueue<SealJob> jobs = new LinkedBlockingQueue<>();
    /** Versions whose jobs are not done. */
    private final Set<Version> wanted = ConcurrentHashMap.newKeySet();

    private final Thread thread;
    private final Consumer<Throwable> onFailure;
    private volatile boolean closed;

    /**
     * @param readers opens the reader of merged, positioned
     * @param producers opens a producer without transactions
     * @param onFailure told when sealing cannot go on
     */
    Sealer(
            Topics topics,
            String model,
            int partitions,
            RecordCodec codec,
            Supplier<MergedReader> readers,
            Supplier<Producer<byte[], byte[]>> producers,
            Consumer<Throwable> onFailure) {
        this.topics = topics;
        this.model = model;
        this.partitions = partitions;
        this.codec = codec;
        this.onFailure = onFailure;
        this.thread =
                Thread.ofPlatform().name("weir-sealer-" + model).daemon().unstarted(() -> run(readers, producers));
        thread.start();
    }

    void seal(SealJob job) {
        wanted.add(new Version(job.channel(), job.version()));
        jobs.add(job);
    }

    /** A version is not to be sealed any more: its chunks go, and those that are gone would be waited for without end. */
    void skip(String channel, long version) {
        wanted.remove(new Version(channel, version));
    }

    private boolean wants(SealJob job) {
        return wanted.contains(new Version(job.channel(), job.version()));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(5_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Supplier<MergedReader> readers, Supplier<Producer<byte[], byte[]>> producers) {
        try (MergedReader reader = readers.get();
                Producer<byte[], byte[]> producer = producers.get()) {
            byte[] key = codec.write(ModelKey.newBuilder().setModel(model).build());
            while (!closed) {
                SealJob job = jobs.take();
                long[] before = reader.positions();
                Sealed sealed = seal(job, reader);
                if (sealed == null) {
                    reader.rewind(before);
                    continue;
                }
                skip(job.channel(), job.version());
                // Not waited for: what is lost with the process is sealed again by the next one.
                producer.send(new ProducerRecord<>(topics.acks(), key, codec.write(sealed)), (sent, failure) -> {
                    if (failure != null && !closed) {
                        onFailure.accept(failure);
                    }
                });
            }
        } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException closing) {
            if (!closed) {
                onFailure.accept(closing);
            }
        } catch (Exception | Error failed) {
            if (!closed) {
                onFailure.accept(failed);
            }
        }
    }

    /** What is said of the version; null: it is wanted no more. */
    private @Nullable Sealed seal(SealJob job, MergedReader reader) throws InterruptedException {
        Layout layout = job.layout();
        List<TensorSpec> kept = layout.tensors().stream()
                .filter(tensor -> !job.skipped().contains(tensor.name()))
                .toList();
        ContentDigest digest = new ContentDigest(Layout.of(kept, layout.chunkElements()));
        long[] firstOffsets = new long[partitions];
        java.util.Arrays.fill(firstOffsets, -1);
        int[] counts = new int[partitions];
        for (int number = 0; number < layout.chunkCount(); number++) {
            if (job.skipped().contains(layout.tensorOf(layout.chunk(number)).name())) {
                continue;
            }
            int partition = Layout.partition(number, partitions);
            MergedReader.Entry entry = reader.next(partition, job.channel(), job.version(), () -> wants(job));
            if (entry == null) {
                return null;
            }
            if (!(entry.record() instanceof MergedChunk chunk)
                    || chunk.getChunk() != number
                    || Crc.crc32c(chunk.getPayload()) != chunk.getCrc32c()) {
                if (!wants(job)) {
                    return null;
                }
                throw new IllegalStateException(topics.merged() + "-" + partition + " offset " + entry.offset()
                        + ": chunk " + number + " of channel " + job.channel() + " version " + job.version()
                        + " was expected and sound");
            }
            if (firstOffsets[partition] < 0) {
                firstOffsets[partition] = entry.offset();
            }
            counts[partition]++;
            digest.update(chunk.getPayload());
        }
        List<MergedRange> ranges = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            MergedReader.Entry entry = reader.next(partition, job.channel(), job.version(), () -> wants(job));
            if (entry == null) {
                return null;
            }
            if (!(entry.record() instanceof MergedEnd end)
                    || !end.getPart().getDigest().equals(job.partDigests().get(partition))) {
                if (!wants(job)) {
                    return null;
                }
                throw new IllegalStateException(topics.merged() + "-" + partition + " offset " + entry.offset()
                        + ": the end of channel " + job.channel() + " version " + job.version()
                        + " was expected, as its partition acknowledged it");
            }
            long first = firstOffsets[partition] < 0 ? entry.offset() : firstOffsets[partition];
            ranges.add(new MergedRange(partition, first, entry.offset() + 1, counts[partition]));
        }
        return Sealed.newBuilder()
                .setChannel(job.channel())
                .setVersion(job.version())
                .setSeq(job.seq())
                .setDigest(new Sha256(digest.finish()))
                .setRanges(ranges)
                .build();
    }
}
