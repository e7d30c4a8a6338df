package dev.weir.topology.coordinate;

import dev.weir.operators.Operators;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.Stored;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Emitted;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.MergedRange;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.Layout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The versions that are on their way: decided, then emitted by every partition, then sealed (read back and digested),
 * then complete.
 */
final class VersionBook {
    /** Of what runs say in a manifest, which with its ingredients must fit into a record. */
    static final long PROVENANCE_BYTES = 1L << 20;

    /** Under which the versions are kept. */
    static final String PREFIX = "version/";

    private final String model;
    private final int partitions;
    private final StateStore store;
    private final LayoutBook layouts;
    private final ChannelBook channels;
    private final Lineages lineages;
    private final Baselines baselines;
    private final Verdicts verdicts;

    VersionBook(
            String model,
            int partitions,
            StateStore store,
            LayoutBook layouts,
            ChannelBook channels,
            Lineages lineages,
            Baselines baselines,
            Verdicts verdicts) {
        this.model = model;
        this.partitions = partitions;
        this.store = store;
        this.layouts = layouts;
        this.channels = channels;
        this.lineages = lineages;
        this.baselines = baselines;
        this.verdicts = verdicts;
    }

    /** Remembers a version that a decision emits; position counts the versions of that decision. */
    void await(ChannelUpdate update, int position, long seq, String run, long step, long endTimestampMs) {
        State.Channel channel = channels.channel(update.getChannel());
        State.Awaited awaited = new State.Awaited(
                update.getChannel(),
                update.getVersion(),
                position,
                channel.operator(),
                lineages.settings(update),
                lineages.lineageOf(update),
                channels.skipped(),
                seq,
                run,
                step,
                endTimestampMs,
                Map.of());
        store.put(key(update.getChannel(), update.getVersion()), awaited);
    }

    void applied(Applied applied) {
        for (Emitted emitted : applied.getEmitted()) {
            State.Awaited awaited = store.get(key(emitted.getChannel(), emitted.getVersion()), State.Awaited.class);
            if (awaited == null) {
                continue;
            }
            Map<Integer, State.Emission> emissions = new HashMap<>(awaited.emissions());
            MergedPart part = emitted.getPart();
            emissions.put(part.getPartition(), new State.Emission(part.getChunks(), Hex.of(part.getDigest())));
            State.Awaited next = awaited.with(emissions);
            store.put(key(next.channel(), next.version()), next);
            if (emissions.size() == partitions) {
                verdicts.seal(job(next));
            }
        }
    }

    /** A version goes. If it is still on its way it gets no manifest, which would stand behind its tombstone for ever. */
    void retire(String channel, long version) {
        store.delete(key(channel, version));
        verdicts.retired(channel, version);
    }

    /** Asks again for the seals of what every partition has emitted, in the order of emission. */
    void resume() {
        store.values(PREFIX, State.Awaited.class).stream()
                .filter(awaited -> awaited.emissions().size() == partitions)
                .sorted(Comparator.comparingLong(State.Awaited::seq).thenComparingInt(State.Awaited::position))
                .forEach(awaited -> verdicts.seal(job(awaited)));
    }

    void sealed(Sealed sealed, long nowMs) {
        String key = key(sealed.getChannel(), sealed.getVersion());
        State.Awaited awaited = store.get(key, State.Awaited.class);
        if (awaited == null) {
            return;
        }
        store.delete(key);
        channels.complete(sealed.getChannel(), sealed.getVersion(), nowMs);
        Map<Integer, Long> next = new TreeMap<>();
        for (MergedRange range : sealed.getRanges()) {
            next.put(range.getPartition(), range.getNextOffset());
        }
        store.put("sealed-up-to", new Positions(next));
        CoordinateStatus.Latency before = latency();
        long took = Math.max(0, nowMs - awaited.endTimestampMs());
        store.put("latency", new CoordinateStatus.Latency(took, Math.max(before.max(), took), before.count() + 1));
        verdicts.manifest(manifest(awaited, sealed));
    }

    /** Where the next version's merged chunks begin, by partition of merged. */
    record Positions(Map<Integer, Long> nextOffsets) {}

    Positions sealedUpTo() {
        Positions positions = store.get("sealed-up-to", Positions.class);
        return positions == null ? new Positions(Map.of()) : positions;
    }

    CoordinateStatus.Latency latency() {
        CoordinateStatus.Latency latency = store.get("latency", CoordinateStatus.Latency.class);
        return latency == null ? new CoordinateStatus.Latency(0, 0, 0) : latency;
    }

    private SealJob job(State.Awaited awaited) {
        List<Sha256> digests = new TreeMap<>(awaited.emissions())
                .values().stream()
                        .map(emission -> Hex.sha256(emission.digest()))
                        .toList();
        return new SealJob(
                awaited.channel(), awaited.version(), awaited.seq(), layouts.model(), awaited.skipped(), digests);
    }

    private Manifest manifest(State.Awaited awaited, Sealed sealed) {
        State.Lineage lineage = awaited.lineage();
        List<State.Entered> entered = lineages.entered(lineage.channel(), lineage.generation(), awaited.seq());
        Shape shape = Operators.create(lineage.operator(), lineage.settings()).shape();
        boolean combined = shape instanceof Stored && !lineage.combination().isEmpty();
        if (shape instanceof Stored stored && combined) {
            entered = entered.subList(Math.max(0, entered.size() - stored.models()), entered.size());
        }
        List<Ingredient> ingredients = new ArrayList<>();
        State.Pinned pinned = pinned(lineage);
        if (pinned != null) {
            ingredients.add(new Ingredient(
                    pinned.seq(),
                    BaselineRun.NAME,
                    pinned.pin().number(),
                    1 - lineage.share(),
                    Hex.sha256(pinned.checkpointDigest())));
        }
        double[] weights = shape instanceof Stored stored && combined
                ? stored.weights(lineage.combination())
                : shape.effectiveWeights(
                        entered.stream().map(State.Entered::coefficients).toList());
        double listed = 0;
        // A combination has a weight for each model, and a state of before may have let go of them too early.
        for (int i = 0; i < Math.min(weights.length, entered.size()); i++) {
            State.Entered one = entered.get(i);
            listed += weights[i];
            ingredients.add(new Ingredient(
                    one.seq(),
                    one.run(),
                    one.step(),
                    lineage.share() * weights[i],
                    Hex.sha256(one.checkpointDigest())));
        }
        boolean complete = listed > 1 - 1e-9;
        List<MergedPart> parts = new ArrayList<>();
        new TreeMap<>(awaited.emissions())
                .forEach((partition, emission) ->
                        parts.add(new MergedPart(partition, emission.chunks(), Hex.sha256(emission.digest()))));
        Layout layout = layouts.model();
        return Manifest.newBuilder()
                .setModel(model)
                .setChannel(awaited.channel())
                .setVersion(awaited.version())
                .setSeq(awaited.seq())
                .setRun(awaited.run())
                .setStep(awaited.step())
                .setLayoutHash(layout.hashRecord())
                .setLayout(layout.toRecord())
                .setSkipped(awaited.skipped())
                .setDigest(sealed.getDigest())
                .setParts(parts)
                .setRanges(sealed.getRanges())
                .setOperator(awaited.operator())
                .setSettings(awaited.settings())
                .setIngredients(ingredients)
                .setOmitted(combined ? 0 : lineages.forgotten(lineage.channel(), lineage.generation()))
                .setProvenance(provenance(entered))
                .setOmittedWeight(complete ? 0 : lineage.share() * (1 - listed))
                .build();
    }

    /** The baseline that was mixed in; null: none. Another may have been pinned since. */
    private State.@Nullable Pinned pinned(State.Lineage lineage) {
        State.Pinned atDecision = lineage.pinned();
        return lineage.baseline() == null || atDecision != null ? atDecision : baselines.pinned();
    }

    /** By run, what its newest checkpoint that says anything says; of more runs than fit, those that entered last. */
    static Map<String, Map<String, String>> provenance(List<State.Entered> entered) {
        Map<String, Map<String, String>> provenance = new TreeMap<>();
        long left = PROVENANCE_BYTES;
        for (State.Entered one : entered.reversed()) {
            if (one.provenance().isEmpty() || provenance.containsKey(one.run())) {
                continue;
            }
            left -= utf8(one.run());
            for (Map.Entry<String, String> said : one.provenance().entrySet()) {
                left -= utf8(said.getKey()) + utf8(said.getValue());
            }
            if (left < 0) {
                break;
            }
            provenance.put(one.run(), new TreeMap<>(one.provenance()));
        }
        return provenance;
    }

    private static long utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String key(String channel, long version) {
        return PREFIX + channel + "/" + StateStore.number(version);
    }
}
