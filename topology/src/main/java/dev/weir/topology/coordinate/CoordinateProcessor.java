package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.PlanKey;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.DeadLetters;
import java.time.Duration;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.NullUnmarked;

/** Hands acknowledgements and proposals to the {@link Coordinator} and its verdicts to the sinks. */
@NullUnmarked
final class CoordinateProcessor implements Processor<byte[], byte[], SpecificRecord, SpecificRecord>, Verdicts {
    private static final Duration EXPIRY = Duration.ofMillis(500);
    private final String model;
    private final int partitions;
    private final long checkpointTimeoutMs;
    private final RecordCodec codec;
    private final CoordinateStatus status;
    private final Pinner pinner;
    private final Function<VersionBook.Positions, Sealer> sealers;
    private ProcessorContext<SpecificRecord, SpecificRecord> context;
    private Coordinator coordinator;
    private Sealer sealer;
    private long timestampMs;
    private Record<byte[], byte[]> current;

    CoordinateProcessor(
            String model,
            int partitions,
            long checkpointTimeoutMs,
            RecordCodec codec,
            CoordinateStatus status,
            Pinner pinner,
            Function<VersionBook.Positions, Sealer> sealers) {
        this.model = model;
        this.partitions = partitions;
        this.checkpointTimeoutMs = checkpointTimeoutMs;
        this.codec = codec;
        this.status = status;
        this.pinner = pinner;
        this.sealers = sealers;
    }

    @Override
    public void init(ProcessorContext<SpecificRecord, SpecificRecord> given) {
        context = given;
        StateStore store = new StateStore(given.getStateStore(CoordinateTopology.STORE));
        coordinator = new Coordinator(model, partitions, store, this, given.currentSystemTimeMs());
        sealer = sealers.apply(coordinator.sealedUpTo());
        coordinator.resume();
        report();
        given.schedule(EXPIRY, PunctuationType.WALL_CLOCK_TIME, nowMs -> {
            timestampMs = nowMs;
            coordinator.expire(nowMs, checkpointTimeoutMs);
            report();
        });
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        timestampMs = record.timestamp();
        current = record;
        if (record.value() == null) {
            drop(record, "null-value", "a record without a value says nothing");
            return;
        }
        SpecificRecord ack;
        try {
            ack = codec.read(record.value(), record.headers(), false);
        } catch (BadRecordException bad) {
            drop(record, bad.reason(), String.valueOf(bad.getMessage()));
            return;
        }
        // The coordinator's own answers lie in plans beside the proposals.
        if (!(ack instanceof Plan) && !coordinator.handle(ack, context.currentSystemTimeMs())) {
            drop(record, "foreign-record", ack.getSchema().getName() + " is nothing that the coordinator is told");
        }
        if (ack instanceof SideInput) {
            report();
        }
    }

    @Override
    public void close() {
        if (sealer != null) {
            sealer.close();
        }
    }

    @Override
    public void decision(Decision decision) {
        decision.getPassedBy().values().forEach(reason -> status.count(word(reason)));
        status.count(decision.getVerdict() == Verdict.COMMIT ? "accepted" : "refused-" + word(decision.getReason()));
        forward(deltaKey(decision.getSeq()), decision, CoordinateTopology.DELTAS);
        forward(ModelKey.newBuilder().setModel(model).build(), decision, CoordinateTopology.DECISIONS);
        report();
        context.commit();
    }

    @Override
    public void plan(Plan plan) {
        forward(deltaKey(plan.getSeq()), plan, CoordinateTopology.DELTAS);
        forward(PlanKey.newBuilder().setModel(model).setState("accepted").build(), plan, CoordinateTopology.PLANS);
        // The comparisons are a fold over their own log, which therefore says what they are held against.
        forward(ModelKey.newBuilder().setModel(model).build(), plan, CoordinateTopology.PREDICTIONS);
        answer(plan);
        report();
    }

    @Override
    public void answer(Plan plan) {
        forward(ModelKey.newBuilder().setModel(model).build(), plan, CoordinateTopology.DECISIONS);
        context.commit();
    }

    @Override
    public void seal(SealJob job) {
        sealer.seal(job);
    }

    @Override
    public void retired(String channel, long version) {
        sealer.skip(channel, version);
        SnapshotKey key =
                SnapshotKey.newBuilder().setChannel(channel).setVersion(version).build();
        forward(key, null, CoordinateTopology.SNAPSHOTS);
    }

    @Override
    public void search(SearchProposal proposal) {
        forward(ModelKey.newBuilder().setModel(model).build(), proposal, CoordinateTopology.PREDICTIONS);
    }

    @Override
    public void pin(State.Pin baseline) {
        pinner.pin(baseline.number(), baseline.channel(), baseline.version());
    }

    @Override
    public void manifest(Manifest manifest) {
        SnapshotKey key = SnapshotKey.newBuilder()
                .setChannel(manifest.getChannel())
                .setVersion(manifest.getVersion())
                .build();
        forward(key, manifest, CoordinateTopology.SNAPSHOTS);
        report();
        context.commit();
    }

    @Override
    public void combination(Combination combination) {
        status.count(combination.getChosen() ? "chosen" : "candidates");
        combination.getUnscored().forEach(number -> status.count("score-missing"));
        forward(deltaKey(combination.getSeq()), combination, CoordinateTopology.DELTAS);
        forward(ModelKey.newBuilder().setModel(model).build(), combination, CoordinateTopology.DECISIONS);
        context.commit();
    }

    @Override
    public void feedback(Feedback feedback) {
        status.count("feedback");
        forward(ModelKey.newBuilder().setModel(model).build(), feedback, CoordinateTopology.FEEDBACK);
    }

    @Override
    public void dropped(String reason, String detail) {
        drop(current, reason, detail);
    }

    private void drop(Record<byte[], byte[]> record, String reason, String detail) {
        status.count(reason);
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        DeadLetter letter = DeadLetters.of(record, metadata, reason, detail);
        forward(ModelKey.newBuilder().setModel(model).build(), letter, CoordinateTopology.DLQ);
    }

    private void report() {
        status.report(new CoordinateStatus.Report(
                coordinator.channels().newestVersions(),
                coordinator.channels().sealedAtMs(),
                coordinator.searches(),
                coordinator.undecided(),
                coordinator.latency()));
    }

    private void forward(SpecificRecord key, SpecificRecord value, String sink) {
        context.forward(new Record<>(key, value, timestampMs), sink);
    }

    private static DeltaKey deltaKey(long seq) {
        return DeltaKey.newBuilder().setRun("").setNumber(seq).setChunk(-1).build();
    }

    private static String word(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }
}
