package dev.weir.schemas.topic;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.CompatibilityKey;
import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.PlanKey;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.Reduced;
import dev.weir.schemas.record.Run;
import dev.weir.schemas.record.RunKey;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;

/** The topics of one model, and what they hold. */
public final class Topics {
    private static final Pattern MODEL = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");
    private static final long NOT_BY_AGE = -1;
    private static final String STORE = "";
    private static final Map<String, String> LARGE = maxMessage(2);
    private static final Map<String, String> DELTAS = Map.of(
            // A chunk has 1 MiB, or 2; a layout, in the record that opens an epoch, up to 3.5.
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            mebibytes(4),
            TopicConfig.SEGMENT_BYTES_CONFIG,
            mebibytes(256),
            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
            "CreateTime",
            TopicConfig.COMPRESSION_TYPE_CONFIG,
            "uncompressed");
    private static final Map<String, String> MERGED = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, mebibytes(2),
            TopicConfig.SEGMENT_BYTES_CONFIG, mebibytes(256),
            TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                    Long.toString(Duration.ofHours(1).toMillis()));

    private static final Map<String, String> KEYFRAMES = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            mebibytes(4),
            TopicConfig.SEGMENT_BYTES_CONFIG,
            mebibytes(256),
            TopicConfig.COMPRESSION_TYPE_CONFIG,
            "uncompressed");

    private final String model;

    /**
     * The topics of a model.
     *
     * @param model lower-case letters, digits, dots, underscores and hyphens; 100 characters at most
     */
    public Topics(String model) {
        if (!MODEL.matcher(model).matches()) {
            throw new IllegalArgumentException(
                    "model name \"" + model + "\"; allowed: 1 to 100 lower-case letters, digits, dots, underscores and"
                            + " hyphens, the first a letter or a digit; next: choose another name");
        }
        this.model = model;
    }

    /** {@return the topic that is the log of everything that may change a model's averages} */
    public String deltas() {
        return topic("deltas");
    }

    /** {@return the topic of what the merge tasks tell the coordinator} */
    public String acks() {
        return topic("acks");
    }

    /** {@return the topic of numbers about checkpoints and versions} */
    public String sideInputs() {
        return topic("side-inputs");
    }

    /** {@return the topic of the chunks of the snapshots} */
    public String merged() {
        return topic("merged");
    }

    /** {@return the topic of the manifests of the snapshots} */
    public String snapshots() {
        return topic("snapshots");
    }

    /** {@return the topic of the coordinator's verdicts, for those who wait for them} */
    public String decisions() {
        return topic("decisions");
    }

    /** {@return the topic of plans as proposed and as accepted} */
    public String plans() {
        return topic("plans");
    }

    /** {@return the topic of the newest epoch of every run} */
    public String runs() {
        return topic("runs");
    }

    /** {@return the topic of states from which the fold can be resumed} */
    public String keyframes() {
        return topic("keyframes");
    }

    /** {@return the topic that is the log of evaluations, promotion requests and what they are held against} */
    public String predictions() {
        return topic("predictions");
    }

    /** {@return the topic of comparisons with the baseline} */
    public String compatibility() {
        return topic("compatibility");
    }

    /** {@return the topic of how the newest versions of the channels stand against one another} */
    public String standings() {
        return topic("standings");
    }

    /** {@return the topic of verdicts on candidates} */
    public String promotions() {
        return topic("promotions");
    }

    /** {@return the topic of weights that trainers go on from} */
    public String feedback() {
        return topic("feedback");
    }

    /** {@return the topic of records that could not be used} */
    public String dlq() {
        return topic("dlq");
    }

    /** {@return the application id of the merge tasks} */
    public String mergeApplicationId() {
        return "weir-" + model + "-merge";
    }

    /** {@return the application id of the coordinator} */
    public String coordinateApplicationId() {
        return "weir-" + model + "-coordinate";
    }

    /** {@return the application id of the comparison with the baseline} */
    public String compatibilityApplicationId() {
        return "weir-" + model + "-compatibility";
    }

    /** {@return the topic that is the changelog of the coordinator's state} */
    public String coordinateChangelog() {
        return coordinateApplicationId() + "-state-changelog";
    }

    /**
     * Every topic of the model.
     *
     * @param partitions partitions of the topics that are spread over the merge tasks
     * @return the topics in the order in which data flows
     */
    public List<TopicSpec> catalogue(int partitions) {
        return List.of(
                new TopicSpec(
                        deltas(),
                        partitions,
                        Cleanup.DELETE,
                        NOT_BY_AGE,
                        name(DeltaKey.SCHEMA$),
                        names(
                                Open.SCHEMA$,
                                Chunk.SCHEMA$,
                                End.SCHEMA$,
                                Decision.SCHEMA$,
                                Combination.SCHEMA$,
                                Plan.SCHEMA$),
                        DELTAS,
                        "The log of everything that may change the averages; it is the state. What no keyframe needs merge deletes"
                                + " after `deltas-retention-ms` (default: 7 days; -1: never)."),
                deleted(
                        acks(),
                        7,
                        // The layout that an epoch was opened with.
                        maxMessage(4),
                        "What the merge tasks tell the coordinator.",
                        Opened.SCHEMA$,
                        Staging.SCHEMA$,
                        Staged.SCHEMA$,
                        Reduced.SCHEMA$,
                        Applied.SCHEMA$,
                        Sealed.SCHEMA$),
                deleted(
                        sideInputs(),
                        7,
                        Map.of(),
                        "Numbers about checkpoints and versions, for decisions to join.",
                        SideInput.SCHEMA$),
                new TopicSpec(
                        merged(),
                        partitions,
                        Cleanup.COMPACT,
                        NOT_BY_AGE,
                        name(MergedKey.SCHEMA$),
                        names(MergedChunk.SCHEMA$, MergedEnd.SCHEMA$),
                        MERGED,
                        "The chunks of the snapshots; those of retired versions are deleted by tombstones."),
                compacted(
                        snapshots(),
                        maxMessage(4),
                        "One manifest a snapshot, by channel and version.",
                        SnapshotKey.SCHEMA$,
                        Manifest.SCHEMA$),
                deleted(
                        decisions(),
                        7,
                        LARGE,
                        "The coordinator's verdicts, for those who wait for them.",
                        Decision.SCHEMA$,
                        Combination.SCHEMA$,
                        Plan.SCHEMA$),
                compacted(
                        plans(),
                        LARGE,
                        "Plans as proposed and as accepted.",
                        PlanKey.SCHEMA$,
                        PlanProposal.SCHEMA$,
                        Plan.SCHEMA$),
                compacted(runs(), Map.of(), "The newest epoch of every run.", RunKey.SCHEMA$, Run.SCHEMA$),
                new TopicSpec(
                        keyframes(),
                        partitions,
                        Cleanup.COMPACT,
                        NOT_BY_AGE,
                        name(KeyframeKey.SCHEMA$),
                        names(KeyframeChunk.SCHEMA$, KeyframeHead.SCHEMA$),
                        KEYFRAMES,
                        "States from which the fold can be resumed."),
                new TopicSpec(
                        predictions(),
                        1,
                        Cleanup.DELETE,
                        NOT_BY_AGE,
                        name(ModelKey.SCHEMA$),
                        names(
                                Predictions.SCHEMA$,
                                EvaluationEnd.SCHEMA$,
                                PromotionRequest.SCHEMA$,
                                SearchProposal.SCHEMA$,
                                Plan.SCHEMA$),
                        LARGE,
                        "The log of evaluations and of what they are held against; it is the state of the comparisons."),
                compacted(
                        compatibility(),
                        LARGE,
                        "How candidates compare with the baseline.",
                        CompatibilityKey.SCHEMA$,
                        Compatibility.SCHEMA$),
                compacted(
                        standings(),
                        Map.of(),
                        "How the newest versions of the channels stand against one another.",
                        ModelKey.SCHEMA$,
                        ChannelStandings.SCHEMA$),
                new TopicSpec(
                        promotions(),
                        1,
                        Cleanup.DELETE,
                        NOT_BY_AGE,
                        name(ModelKey.SCHEMA$),
                        names(Promotion.SCHEMA$),
                        LARGE,
                        "Verdicts on candidates, with their evidence."),
                deleted(
                        feedback(),
                        7,
                        // A distance a tensor is never longer than the layout, which has 2.
                        maxMessage(4),
                        "Which version a trainer goes on from, and after which step.",
                        Feedback.SCHEMA$),
                deleted(dlq(), 14, Map.of(), "Records that could not be used.", DeadLetter.SCHEMA$),
                stored(coordinateChangelog(), 1, maxMessage(4), "The coordinator's state, as its store keeps it."));
    }

    private String topic(String name) {
        return model + "." + name;
    }

    private static TopicSpec deleted(
            String name, int days, Map<String, String> config, String purpose, Schema... values) {
        long retentionMs = Duration.ofDays(days).toMillis();
        return new TopicSpec(
                name, 1, Cleanup.DELETE, retentionMs, name(ModelKey.SCHEMA$), names(values), config, purpose);
    }

    private static TopicSpec compacted(
            String name, Map<String, String> config, String purpose, Schema key, Schema... values) {
        return new TopicSpec(name, 1, Cleanup.COMPACT, NOT_BY_AGE, name(key), names(values), config, purpose);
    }

    private static TopicSpec stored(String name, int partitions, Map<String, String> config, String purpose) {
        return new TopicSpec(name, partitions, Cleanup.COMPACT, NOT_BY_AGE, STORE, List.of(), config, purpose);
    }

    private static Map<String, String> maxMessage(int mebibytes) {
        return Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, mebibytes(mebibytes));
    }

    private static String mebibytes(int count) {
        return Integer.toString(count * 1024 * 1024);
    }

    private static String name(Schema schema) {
        return schema.getFullName();
    }

    private static List<String> names(Schema... schemas) {
        return Stream.of(schemas).map(Topics::name).collect(Collectors.toUnmodifiableList());
    }
}
