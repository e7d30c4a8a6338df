package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.store.FoldException;
import dev.weir.topology.store.Meanwhile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest committed keyframe of a partition.
 *
 * @param topic of keyframes
 * @param deltas the topic whose fold they resume
 * @param applicationId whose keyframes are read
 * @param views makes consumers of the keyframes, whose values are views of what was fetched; they see committed records alone
 * @param consumers makes consumers of other topics, which see committed records alone
 * @param committed the offset that the application's group has committed for a partition of deltas; -1: none
 */
public record KeyframeReader(
        String topic,
        String deltas,
        String applicationId,
        RecordCodec codec,
        Supplier<Consumer<byte[], ByteBuffer>> views,
        Supplier<Consumer<byte[], byte[]>> consumers,
        ToLongFunction<TopicPartition> committed) {
    private static final String REMEDY = "bring the topic back from a replica or a backup; only where %s is still whole"
            + " may the records of %s be deleted to fold it again";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * The newest keyframe of a partition; null: there is none.
     *
     * @throws FoldException when it belongs to another application, is damaged, or the group's offsets are gone
     */
    @Nullable
    Keyframe read(int partition) {
        TopicPartition source = new TopicPartition(topic, partition);
        Reading reading = new Reading(source);
        boolean done = false;
        // While a batch is copied into the states, the next one is read.
        Meanwhile taking = new Meanwhile("weir-keyframe-" + partition);
        try (taking;
                Consumer<byte[], ByteBuffer> consumer = views.get()) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).getOrDefault(source, 0L);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(source) < end) {
                ConsumerRecords<byte[], ByteBuffer> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    taking.start(() -> reading.take(records));
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                }
                // Another instance may have written in between, and compaction removed what that replaced; the newest
                // fetch knows of the former if it missed the latter.
                end = Math.max(
                        end,
                        consumer.position(source) + consumer.currentLag(source).orElse(0));
                if (System.nanoTime() > deadline) {
                    throw new FoldException(
                            source + ": nothing came within " + PATIENCE.toSeconds() + " s from offset "
                                    + consumer.position(source) + " of " + end,
                            "check the broker");
                }
            }
            taking.await();
            Keyframe keyframe = reading.keyframe(new TopicPartition(deltas, partition));
            done = true;
            return keyframe;
        } catch (RetriableException | BadRecordException failed) {
            throw new FoldException(source + ": cannot be read: " + failed.getMessage());
        } finally {
            if (!done) {
                reading.states.close();
            }
        }
    }

    /** What one pass over the partition has found so far. */
    private final class Reading {
        private final TopicPartition source;
        private final LoadedStates states = new LoadedStates();
        /** Parts of the newest head by number. */
        private final TreeMap<Integer, KeyframeHead> heads = new TreeMap<>();
        /** What is still to be copied, and whose states that are. */
        private final List<Part> parts = new ArrayList<>();

        private final Map<Slot, Long> copied = new HashMap<>();

        private record Part(MemorySegment from, MemorySegment to) {}

        Reading(TopicPartition source) {
            this.source = source;
        }

        void take(ConsumerRecords<byte[], ByteBuffer> records) {
            records.forEach(this::take);
            copy();
        }

        /** Copies by several threads, because fresh memory costs most at its first touch. */
        private void copy() {
            parts.parallelStream().forEach(part -> part.to.copyFrom(part.from));
            parts.clear();
            copied.clear();
        }

        private void take(ConsumerRecord<byte[], ByteBuffer> record) {
            KeyframeKey key = codec.read(record.key(), KeyframeKey.class);
            if (record.value() == null) {
                copy();
                if (key.getPart() == 0) {
                    states.remove(new Slot(key.getChannel(), key.getChunk()));
                }
                return;
            }
            switch (codec.read(record.value(), record.headers())) {
                case KeyframeHead found -> {
                    own(found.getApplicationId(), record);
                    if (found.getPart() == 0) {
                        heads.clear();
                    }
                    heads.put(found.getPart(), found);
                }
                case KeyframeChunk chunk -> {
                    own(chunk.getApplicationId(), record);
                    int crc = Crc.crc32c(chunk.getPayload());
                    if (crc != chunk.getCrc32c()) {
                        throw new FoldException(
                                source + ": the keyframe of channel " + chunk.getChannel() + " chunk "
                                        + chunk.getChunk() + " at offset " + record.offset() + " has CRC-32C "
                                        + Integer.toHexString(crc) + ", its record says "
                                        + Integer.toHexString(chunk.getCrc32c()),
                                REMEDY.formatted(deltas, source));
                    }
                    place(chunk);
                }
                default ->
                    throw new FoldException(source + ": the record at offset " + record.offset() + " is no keyframe");
            }
        }

        private void place(KeyframeChunk chunk) {
            Slot slot = new Slot(chunk.getChannel(), chunk.getChunk());
            if (copied.getOrDefault(slot, chunk.getSeq()) != chunk.getSeq()) {
                // In a topic that was not compacted yet the states of several keyframes lie one over the other.
                copy();
            }
            MemorySegment from = MemorySegment.ofBuffer(chunk.getPayload());
            MemorySegment to =
                    states.place(slot, chunk.getSeq(), chunk.getStateBytes(), chunk.getFirstByte(), from.byteSize());
            if (to != null) {
                copied.put(slot, chunk.getSeq());
                parts.add(new Part(from, to));
            }
        }

        @Nullable
        Keyframe keyframe(TopicPartition folded) {
            if (heads.isEmpty()) {
                states.close();
                return null;
            }
            KeyframeHead newest = head();
            if (committed.applyAsLong(folded) < 0) {
                throw new FoldException(
                        folded + ": group " + applicationId + " has no committed offset, but " + source
                                + " has its keyframe of offset " + newest.getNextOffset(),
                        "set the group's offset to that one; what was emitted since then may be written again, with the same"
                                + " bytes");
            }
            states.forgetBefore(newest.getSeq());
            states.incomplete().ifPresent(slot -> {
                throw new FoldException(
                        source + ": parts of the keyframe of channel " + slot.channel() + " chunk " + slot.chunk()
                                + " are missing",
                        REMEDY.formatted(deltas, source));
            });
            return new Keyframe(newest, states);
        }

        private KeyframeHead head() {
            KeyframeHead newest = heads.lastEntry().getValue();
            for (int part = 0; part < newest.getParts(); part++) {
                KeyframeHead found = heads.get(part);
                if (found == null || found.getSeq() != newest.getSeq()) {
                    throw new FoldException(
                            source + ": part " + (part + 1) + " of " + newest.getParts() + " of the keyframe's head of"
                                    + " decision " + newest.getSeq() + " is missing",
                            REMEDY.formatted(deltas, source));
                }
            }
            return HeadParts.join(List.copyOf(heads.values()));
        }

        private void own(String id, ConsumerRecord<?, ?> record) {
            if (!id.equals(applicationId)) {
                throw new FoldException(
                        source + ": the keyframe at offset " + record.offset() + " is of application " + id
                                + "; allowed: " + applicationId,
                        "give each application a model of its own");
            }
        }
    }
}
