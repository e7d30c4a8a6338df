package dev.weir.cli.demo;

import dev.weir.cli.WeirException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the applications have said, read as it comes: manifests, comparisons, verdicts and decisions. */
final class DemoLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(5);
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    private final Registry registry;
    private final RecordCodec codec;
    private final List<LogReader> readers = new ArrayList<>();
    private final Map<Subject, Manifest> manifests = new HashMap<>();
    private final Map<Subject, Compatibility> compared = new HashMap<>();
    private final Map<Subject, Promotion> judged = new HashMap<>();
    private final Map<String, Decision> decisions = new HashMap<>();

    DemoLog(Connection connection, Topics topics) {
        registry = connection.registryForReading();
        codec = registry.codec();
        for (String topic :
                List.of(topics.snapshots(), topics.compatibility(), topics.promotions(), topics.decisions())) {
            LogReader reader = new LogReader(
                    connection.consumer("read_committed", Map.of("fetch.max.wait.ms", 50)), topic, connection);
            reader.seek(0);
            readers.add(reader);
        }
    }

    Manifest manifest(Subject version) {
        return await("manifest of " + version, () -> Optional.ofNullable(manifests.get(version)));
    }

    /** The complete comparison of a version with the baseline. */
    Compatibility comparison(Subject version) {
        return await("comparison of " + version, () -> Optional.ofNullable(compared.get(version)));
    }

    /** The gate's verdict on a version. */
    Promotion verdict(Subject version) {
        return await("verdict on " + version, () -> Optional.ofNullable(judged.get(version)));
    }

    /** The decision on a run's step. */
    Decision decision(String run, long step) {
        return await("decision on " + run, () -> Optional.ofNullable(decisions.get(run + "/" + step)));
    }

    @Override
    public void close() {
        readers.forEach(LogReader::close);
        registry.close();
    }

    private <T> T await(String what, Supplier<Optional<T>> found) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Optional<T> value = found.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (System.nanoTime() > deadline) {
                throw new WeirException(
                        "demo", "no " + what + " came within a minute", "", "see its logs with --debug");
            }
            for (LogReader reader : readers) {
                reader.poll(POLL).forEach(this::take);
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        SpecificRecord value;
        try {
            value = codec.read(record.value(), record.headers(), false);
        } catch (BadRecordException foreign) {
            return;
        }
        switch (value) {
            case Manifest manifest ->
                manifests.put(new Subject(manifest.getChannel(), manifest.getVersion()), manifest);
            case Compatibility comparison -> {
                if (comparison.getComplete()) {
                    compared.putIfAbsent(comparison.getCandidate(), comparison);
                }
            }
            case Promotion promotion -> {
                if (promotion.getVerdict() == PromotionVerdict.PROMOTED
                        || promotion.getVerdict() == PromotionVerdict.HELD) {
                    judged.putIfAbsent(promotion.getSubject(), promotion);
                }
            }
            case Decision decision -> decisions.putIfAbsent(decision.getRun() + "/" + decision.getStep(), decision);
            default -> {}
        }
    }
}
