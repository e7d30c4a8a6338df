package dev.weir.clients.subscribe;

import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The manifests of a model, newest value per key. */
final class SnapshotLog {

    /** Records that are read first when something new is looked for. */
    private static final long TAIL = 64;

    private final LogReader log;
    private final RecordCodec codec;

    SnapshotLog(LogReader log, RecordCodec codec) {
        this.log = log;
        this.codec = codec;
    }

    /** Every manifest whose key is wanted, in order of their offsets. */
    Collection<Manifest> all(Predicate<SnapshotKey> wanted) {
        return range(log.begin(), log.end(), wanted).values();
    }

    /** The manifests whose keys are wanted near the end, reaching back until there is one or the log begins. */
    Collection<Manifest> newest(Predicate<SnapshotKey> wanted) {
        long begin = log.begin();
        long end = log.end();
        for (long size = TAIL; ; size *= 2) {
            long from = Math.max(begin, end - size);
            Collection<Manifest> found = range(from, end, wanted).values();
            if (!found.isEmpty() || from == begin) {
                return found;
            }
        }
    }

    /** The manifests whose keys are wanted between two offsets, in order of their offsets. */
    Collection<Manifest> between(long from, long to, Predicate<SnapshotKey> wanted) {
        return range(from, to, wanted).values();
    }

    /** Hands over what was written between two offsets whose keys are wanted, in its order; null where a version was retired. */
    void changes(
            long from, long to, Predicate<SnapshotKey> wanted, BiConsumer<SnapshotKey, @Nullable Manifest> onChange) {
        log.read(from, to, next -> take(next, wanted, onChange));
    }

    private Map<SnapshotKey, Manifest> range(long from, long to, Predicate<SnapshotKey> wanted) {
        Map<SnapshotKey, Manifest> found = new LinkedHashMap<>();
        changes(from, to, wanted, (key, manifest) -> {
            found.remove(key);
            if (manifest != null) {
                found.put(key, manifest);
            }
        });
        return found;
    }

    private void take(
            ConsumerRecord<byte[], byte[]> next,
            Predicate<SnapshotKey> wanted,
            BiConsumer<SnapshotKey, @Nullable Manifest> onChange) {
        SnapshotKey key;
        @Nullable Manifest manifest;
        try {
            key = codec.read(next.key(), SnapshotKey.class);
            if (!wanted.test(key)) {
                return;
            }
            manifest = next.value() == null ? null : codec.read(next.value(), Manifest.class);
        } catch (BadRecordException foreign) {
            return;
        }
        onChange.accept(key, manifest);
    }
}
