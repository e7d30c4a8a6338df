package dev.weir.schemas.wire;

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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** Every record type that travels by itself, as key or as value. */
final class Protocol {
    /** The newest meaning of a record that this build knows. */
    static final int FORMAT_VERSION = 1;

    static final List<RecordType> TYPES = Stream.<Class<? extends SpecificRecord>>of(
                    Applied.class,
                    ChannelStandings.class,
                    Chunk.class,
                    Combination.class,
                    Compatibility.class,
                    CompatibilityKey.class,
                    DeadLetter.class,
                    Decision.class,
                    DeltaKey.class,
                    End.class,
                    EvaluationEnd.class,
                    Feedback.class,
                    KeyframeChunk.class,
                    KeyframeHead.class,
                    KeyframeKey.class,
                    Manifest.class,
                    MergedChunk.class,
                    MergedEnd.class,
                    MergedKey.class,
                    ModelKey.class,
                    Open.class,
                    Opened.class,
                    Plan.class,
                    PlanKey.class,
                    PlanProposal.class,
                    Predictions.class,
                    Promotion.class,
                    PromotionRequest.class,
                    Reduced.class,
                    Run.class,
                    RunKey.class,
                    Sealed.class,
                    SearchProposal.class,
                    SideInput.class,
                    SnapshotKey.class,
                    Staged.class,
                    Staging.class)
            .map(RecordType::of)
            .collect(Collectors.toUnmodifiableList());

    static final Map<String, RecordType> BY_NAME =
            TYPES.stream().collect(Collectors.toUnmodifiableMap(RecordType::name, Function.identity()));

    private Protocol() {}

    static void checkFormat(String record, int version) {
        if (version > FORMAT_VERSION) {
            throw new BadRecordException(
                    BadRecordException.NEWER_FORMAT,
                    record + " format " + version + " is newer than " + FORMAT_VERSION
                            + ", which this build reads; upgrade Weir");
        }
        if (version < 1) {
            throw new BadRecordException(
                    BadRecordException.NOT_AVRO,
                    record + " format " + version + " does not exist; allowed: 1 to " + FORMAT_VERSION
                            + "; next: repair the program that wrote it");
        }
    }
}
