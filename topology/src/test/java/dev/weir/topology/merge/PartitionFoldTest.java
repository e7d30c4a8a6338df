package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.record.Verdict;
import dev.weir.topology.store.FoldException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One partition of one-chunk models: what a record does depends on the records before it and on nothing else. */
final class PartitionFoldTest {
    private static final int UNCHANGED = 1;

    private final FoldLog log = new FoldLog();

    @Test
    void aCommittedCheckpointEntersAndIsEmitted() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        assertThat(log.said())
                .extracting(Object::getClass)
                .isEqualTo(java.util.List.of(Opened.class, Staging.class, Staged.class, Applied.class));
        assertThat(log.emitted()).containsExactly(new float[] {4, 8});
        log.chunk(1, 20, 8, 16).end(1, 20).commit(3, 1, 20, 2);
        assertThat(log.emitted()).containsExactly(new float[] {4, 8}, new float[] {6, 12});
    }

    @Test
    void acknowledgementsNameThePlanWhoseRulesForTensorsLookedAtTheFirstChunk() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.plan(3, "{pattern: x, policy: freeze}").chunk(1, 20, 4, 8);
        log.plan(4).end(1, 20).decide(5, 1, 20, Verdict.REJECT);
        log.chunk(1, 30, 4, 8).plan(6).end(1, 30);
        assertThat(log.said().stream().filter(Staged.class::isInstance).map(said -> ((Staged) said).getRulesSeq()))
                .containsExactly(0L, 3L, 4L);
        assertThat(log.head().getRulesSeq()).isEqualTo(4);
    }

    @Test
    void everyVersionThatAnEmissionRetiresGoesWithItsEndMark() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.chunk(1, 20, 8, 16).end(1, 20).commit(3, 1, 20, 7, 2, List.of(4L, 5L));
        assertThat(log.retired())
                .containsExactlyInAnyOrder(
                        "ema v2 chunk 0",
                        "ema v2 chunk -1",
                        "ema v4 chunk 0",
                        "ema v4 chunk -1",
                        "ema v5 chunk 0",
                        "ema v5 chunk -1");
    }

    @Test
    void aRejectedCheckpointDoesNotMoveTheAverage() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.chunk(1, 20, 100, 100).end(1, 20).decide(3, 1, 20, Verdict.REJECT);
        log.chunk(1, 30, 8, 16).end(1, 30).commit(4, 1, 30, 2);
        assertThat(log.emitted()).containsExactly(new float[] {4, 8}, new float[] {6, 12});
    }

    @Test
    void recordsOfOlderEpochsAreFenced() {
        log.plan(1).open(1).open(2).chunk(1, 10, 4, 8).end(1, 10);
        assertThat(log.counter("fenced")).isEqualTo(2);
        assertThat(log.dropped()).allSatisfy(reason -> assertThat(reason).startsWith("fenced"));
    }

    @Test
    void whatARunDescendsFromIsSaidWithItsOpen() {
        log.plan(1).descend(1, Map.of("ancestor", "vit"));
        assertThat(log.said())
                .hasSize(1)
                .allSatisfy(said -> assertThat(((Opened) said).getProvenance()).isEqualTo(Map.of("ancestor", "vit")));
    }

    @Test
    void anOpenWithMoreProvenanceThanIsAllowedOpensNothing() {
        log.plan(1).descend(1, Map.of("ancestor", "v".repeat(257))).chunk(1, 10, 4, 8);
        assertThat(log.said()).isEmpty();
        assertThat(log.counter("bad-provenance")).isEqualTo(1);
        assertThat(log.counter("not-opened")).isEqualTo(1);
        assertThat(log.dropped())
                .contains("bad-provenance: run r: provenance ancestor has 257 bytes; allowed: 1 to 256");
    }

    @Test
    void recordsBeforeTheirOpenAreDropped() {
        log.plan(1).chunk(1, 10, 4, 8);
        assertThat(log.counter("not-opened")).isEqualTo(1);
    }

    @Test
    void anUnchangedChunkIsThatOfTheNewestAcceptedCheckpoint() {
        log.plan(1).openForDeltas(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.difference(1, 20, UNCHANGED, 10, new byte[0], 4, 8).end(1, 20).commit(3, 1, 20, 2);
        log.difference(1, 30, UNCHANGED, 20, new byte[0], 4, 8).end(1, 30).commit(4, 1, 30, 3);
        assertThat(log.emitted()).containsExactly(new float[] {4, 8}, new float[] {4, 8}, new float[] {4, 8});
    }

    @Test
    void aDifferenceAgainstAnotherThanTheNewestAcceptedCheckpointIsRefused() {
        log.plan(1).openForDeltas(1).difference(1, 10, UNCHANGED, 5, new byte[0], 4, 8);
        assertThat(log.failure())
                .isEqualTo(
                        "base: tensor w chunk 0 refers to step 5, and no checkpoint of epoch 1 was accepted in the last"
                                + " 256 decisions; send the checkpoint in full");
        log.chunk(1, 20, 4, 8).end(1, 20).commit(2, 1, 20, 1).difference(1, 30, UNCHANGED, 10, new byte[0], 4, 8);
        assertThat(log.failure()).contains("refers to step 10, and the newest one accepted before is step 20");
    }

    @Test
    void aBaseIsGivenUpAfterManyDecisionsWithoutItsRun() {
        log.plan(1).openForDeltas(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        for (long seq = 3; seq <= 2 + PartitionFold.BASE_DECISIONS; seq++) {
            log.decide(seq, 0, 1, Verdict.REJECT);
        }
        log.difference(1, 20, UNCHANGED, 10, new byte[0], 4, 8).end(1, 20);
        assertThat(log.failure()).isEmpty();
        log.decide(3 + PartitionFold.BASE_DECISIONS, 0, 1, Verdict.REJECT)
                .difference(1, 30, UNCHANGED, 10, new byte[0], 4, 8);
        assertThat(log.failure()).contains("no checkpoint of epoch 1 was accepted in the last 256 decisions");
    }

    @Test
    void aDifferenceInAnEpochOfFullChunksIsRefused() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.difference(1, 20, UNCHANGED, 10, new byte[0], 4, 8);
        assertThat(log.failure()).contains("refers to step 10, and epoch 1 was opened for full chunks only");
    }

    @Test
    void anUnknownEncodingAndOneThatIsNoneAreRefused() {
        log.plan(1).openForDeltas(1).chunk(1, 10, 4, 8).end(1, 10).commit(2, 1, 10, 1);
        log.difference(1, 20, 9, 10, new byte[0], 4, 8);
        assertThat(log.failure()).startsWith("encoding: tensor w chunk 0: encoding 9 is unknown");
        log.difference(1, 30, 4, 10, new byte[] {1, 2, 3}, 4, 8);
        assertThat(log.failure()).startsWith("encoding: tensor w chunk 0: entropy payload");
    }

    @Test
    void aNewEpochForgetsWhatWasNotClosed() {
        log.plan(1)
                .open(1)
                .chunk(1, 10, 4, 8)
                .open(2)
                .chunk(2, 10, 6, 6)
                .end(2, 10)
                .commit(2, 2, 10, 1);
        assertThat(log.emitted()).containsExactly(new float[] {6, 6});
    }

    @Test
    void aClosedCheckpointSurvivesTheNextEpochUntilItsDecision() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10).open(2).commit(2, 1, 10, 1);
        assertThat(log.emitted()).containsExactly(new float[] {4, 8});
    }

    @Test
    void theSameChunkTwiceIsCountedAndIgnored() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).chunk(1, 10, 4, 8).end(1, 10);
        assertThat(log.counter("duplicates")).isEqualTo(1);
        assertThat(log.failure()).isEmpty();
    }

    @Test
    void theSameChunkWithOtherBytesFailsTheCheckpoint() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).chunk(1, 10, 4, 9);
        assertThat(log.failure()).startsWith("conflict: tensor w chunk 0");
    }

    @Test
    void aWrongChecksumFailsTheCheckpoint() {
        log.plan(1).open(1).damagedChunk(1, 10);
        assertThat(log.failure()).startsWith("digest: tensor w chunk 0 has CRC-32C");
    }

    @Test
    void aNanFailsTheCheckpointByTensorAndElement() {
        log.plan(1).open(1).chunk(1, 10, 4, Float.NaN);
        assertThat(log.failure()).isEqualTo("non-finite: tensor w element 1 is NaN or infinite");
    }

    @Test
    void anEndWithoutItsChunksFailsTheCheckpoint() {
        log.plan(1).open(1).end(1, 10);
        assertThat(log.failure()).isEqualTo("incomplete: partition 0 holds 0 of 1 chunks");
    }

    @Test
    void whatComesAfterTheDecisionIsLate() {
        log.plan(1)
                .open(1)
                .chunk(1, 10, 4, 8)
                .end(1, 10)
                .commit(2, 1, 10, 1)
                .chunk(1, 10, 4, 8)
                .chunk(1, 5, 4, 8);
        assertThat(log.counter("late")).isEqualTo(2);
    }

    @Test
    void whatIsNoRecordOfOursIsDroppedByReason() {
        log.plan(1).raw(new byte[] {1, 2, 3}).raw(new byte[0]).rawWithoutKey(new byte[] {0});
        assertThat(log.counter("not-avro")).isGreaterThanOrEqualTo(1);
        assertThat(log.counter("null-key")).isEqualTo(1);
        assertThat(log.dropped()).hasSize(3);
    }

    @Test
    void aGapInTheDecisionsStopsTheFold() {
        log.plan(1).open(1).chunk(1, 10, 4, 8).end(1, 10);
        assertThatThrownBy(() -> log.commit(3, 1, 10, 1))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("decision 3")
                .hasMessageContaining("follows decision 1")
                .hasMessageContaining("retention.ms");
    }

    @Test
    void aCommitWithoutItsChunksStopsTheFold() {
        log.plan(1).open(1);
        assertThatThrownBy(() -> log.commit(2, 1, 10, 1))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("are not in the log before it");
    }

    @Test
    void layoutsThatNobodyHasAnyMoreAreForgotten() {
        FoldLog log = new FoldLog().plan(1);
        for (long epoch = 1; epoch <= 50; epoch++) {
            log.openAnother(epoch);
        }
        log.open(51).chunk(51, 10, 1, 2).end(51, 10).commit(2, 51, 10, 1);
        assertThat(log.head().getLayouts()).hasSize(1);
        log.openAnother(52).open(53).chunk(53, 20, 1, 2).end(53, 20).commit(3, 53, 20, 2);
        assertThat(log.head().getLayouts()).hasSizeLessThanOrEqualTo(2);
    }
}
