package dev.weir.topology.merge;

import dev.weir.operators.CompanionSums;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Reduced;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.topology.coordinate.BaselineRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one partition's chunks of a waiting checkpoint come to, where coefficients depend on sums over tensors: its share of
 * these, which the coordinator adds up.
 */
final class PartialSums {
    private final int partition;
    private final int partitions;
    private final Kernel kernel;
    private final Channels channels;
    private final Staging staging;
    private final long newestLoaded;

    /** @param newestLoaded number of the newest decision that the averages of a keyframe contain; 0: there is none */
    PartialSums(int partition, int partitions, Kernel kernel, Channels channels, Staging staging, long newestLoaded) {
        this.partition = partition;
        this.partitions = partitions;
        this.kernel = kernel;
        this.channels = channels;
        this.staging = staging;
        this.newestLoaded = newestLoaded;
    }

    /** The sums by channel, and those of companions by {@link CompanionSums#key}, of a checkpoint about to be accepted. */
    Map<String, List<Double>> of(Decision decision) {
        CheckpointId id = new CheckpointId(decision.getRun(), decision.getEpoch(), decision.getStep());
        StagedCheckpoint staged = staging.waiting().staged().get(id);
        if (decision.getVerdict() != Verdict.COMMIT || staged == null || staged.failure() != null) {
            return Map.of();
        }
        Layout layout = staging.layout(decision.getLayoutHash());
        Map<String, List<Double>> sums = new TreeMap<>();
        if (channels.reduces()) {
            sums.putAll(ofChannels(staged, layout));
        }
        staged.companions().forEach(name -> sums.put(CompanionSums.key(name), ofCompanion(name, staged, layout)));
        return sums;
    }

    /**
     * Says those of a checkpoint whose end came.
     *
     * @param seq the newest decision that was folded
     */
    void sayEnded(End end, long seq, FoldOutput out) {
        CheckpointId id = new CheckpointId(end.getRun(), end.getEpoch(), end.getStep());
        sayChannels(id, seq, out);
        StagedCheckpoint staged = staging.waiting().staged().get(id);
        if (staged != null && out.emits()) {
            // These do not depend on channels, and are said once.
            for (String name : staged.companions()) {
                List<Double> sums = ofCompanion(name, staged, staging.layout(end.getLayoutHash()));
                say(id, CompanionSums.key(name), seq, sums, out);
            }
        }
    }

    /** Says those of every checkpoint that waits for its decision again: a channel may have changed. */
    void sayAgain(long seq, FoldOutput out) {
        if (channels.reduces()) {
            List.copyOf(staging.waiting().staged().keySet()).forEach(id -> sayChannels(id, seq, out));
        }
    }

    private void sayChannels(CheckpointId id, long seq, FoldOutput out) {
        StagedCheckpoint staged = staging.waiting().staged().get(id);
        KnownRun run = staging.waiting().runs().get(id.run());
        // Averages that a keyframe had are ahead of the log until its newest decision, and it was said before.
        if (!out.emits()
                || seq < newestLoaded
                || !channels.reduces()
                || id.run().equals(BaselineRun.NAME)
                || staged == null
                || !staged.ended()
                || staged.failure() != null
                || run == null
                || run.epoch() != id.epoch()) {
            return;
        }
        ofChannels(staged, staging.layout(run.layoutHash()))
                .forEach((channel, sums) -> say(id, channel, seq, sums, out));
    }

    private void say(CheckpointId id, String key, long seq, List<Double> sums, FoldOutput out) {
        out.ack(new Reduced(1, partition, id.run(), id.epoch(), id.step(), key, seq, sums));
    }

    private Map<String, List<Double>> ofChannels(StagedCheckpoint staged, Layout layout) {
        return channels.reduced(layout, use -> staging.look(staged.weights(layout), use));
    }

    /** What its chunks come to, one after another: {@link CompanionSums#NUMBERS} of each chunk of this partition. */
    private List<Double> ofCompanion(String name, StagedCheckpoint staged, Layout layout) {
        int first = staged.firstOf(layout, name);
        double[] sums = new double[CompanionSums.NUMBERS * layout.chunksIn(partition, partitions)];
        staging.look(staged.companion(layout, first), (number, held) -> {
            int chunk = number - first;
            Companion companion = new Companion(held.bytes(), Dtype.F32);
            double[] own =
                    CompanionSums.of(kernel, companion, layout.chunk(chunk).elements());
            System.arraycopy(own, 0, sums, CompanionSums.NUMBERS * (chunk / partitions), CompanionSums.NUMBERS);
        });
        return Arrays.stream(sums).boxed().toList();
    }
}
