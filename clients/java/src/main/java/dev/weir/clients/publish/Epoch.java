package dev.weir.clients.publish;

import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Run;
import dev.weir.schemas.record.RunKey;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Which epoch a run is at, and how the next one begins. */
final class Epoch {

    private static final int FORMAT = 1;

    private Epoch() {}

    /**
     * An epoch that a publisher opened.
     *
     * @param number 0: none
     * @param timestampMs of its record
     */
    record Opened(long number, long timestampMs) {}

    /**
     * The newest epoch that any publisher of the run ever wrote.
     *
     * <p>The reader reads uncommitted records: an open transaction of another run then hides nothing, and an aborted
     * epoch of our own merely leaves a gap in the numbers. It must be called when older publishers of the run are
     * fenced.
     */
    static Opened newest(LogReader runs, RecordCodec codec, String run) {
        Opened[] newest = {new Opened(0, -1)};
        runs.read(
                runs.begin(),
                runs.end(),
                found -> of(found, codec, run).ifPresent(epoch -> {
                    if (epoch > newest[0].number()) {
                        newest[0] = new Opened(epoch, found.timestamp());
                    }
                }));
        return newest[0];
    }

    /**
     * What opens an epoch, in one transaction: its number to runs, and its layout to every partition of deltas.
     *
     * @param deltas whether chunks may be differences
     * @param provenance what the run descends from
     */
    static List<ProducerRecord<byte[], byte[]>> opening(
            RecordCodec codec,
            Topics topics,
            int partitions,
            String run,
            long epoch,
            Layout layout,
            boolean deltas,
            Map<String, String> provenance) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(new ProducerRecord<>(
                topics.runs(), 0, codec.write(new RunKey(FORMAT, run)), codec.write(new Run(FORMAT, run, epoch))));
        byte[] key = codec.write(new DeltaKey(FORMAT, run, epoch, CheckpointWriter.NO_CHUNK));
        byte[] open = codec.write(new Open(
                FORMAT, run, epoch, layout.hashRecord(), layout.toRecord(), deltas, new TreeMap<>(provenance)));
        for (int partition = 0; partition < partitions; partition++) {
            records.add(new ProducerRecord<>(topics.deltas(), partition, key, open));
        }
        return records;
    }

    private static OptionalLong of(ConsumerRecord<byte[], byte[]> found, RecordCodec codec, String run) {
        if (found.value() == null) {
            return OptionalLong.empty();
        }
        try {
            Run record = codec.read(found.value(), Run.class);
            return record.getRun().equals(run) ? OptionalLong.of(record.getEpoch()) : OptionalLong.empty();
        } catch (BadRecordException foreign) {
            return OptionalLong.empty();
        }
    }
}
