package dev.weir.topology.coordinate;

import dev.weir.operators.CompanionSums;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.record.Reduced;
import dev.weir.schemas.tensor.Layout;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the partitions' chunks of pending checkpoints come to, for channels whose coefficients depend on sums over tensors. Numbers
 * of chunks are added in the order of the chunks, so that the sums are the same with any number of partitions.
 */
final class Reductions {
    private final int partitions;
    private final StateStore store;

    Reductions(int partitions, StateStore store) {
        this.partitions = partitions;
        this.store = store;
    }

    void take(Reduced reduced) {
        String key = key(reduced.getRun(), reduced.getEpoch(), reduced.getStep()) + reduced.getChannel() + "/";
        store.put(key + reduced.getPartition(), new State.Reduction(reduced.getSeq(), reduced.getValues()));
    }

    void forget(State.Pending pending) {
        store.keys(key(pending.run(), pending.epoch(), pending.step())).forEach(store::delete);
    }

    /**
     * The sums over tensors that the channels need of a checkpoint before it can be accepted, by channel.
     *
     * @return null: some are not known yet
     */
    @Nullable
    Map<String, Sums> sums(State.Pending pending, String layoutHash, ChannelBook channels, LayoutBook layouts) {
        Map<String, Sums> sums = new TreeMap<>();
        Plan plan = channels.plan();
        if (plan == null) {
            return sums;
        }
        for (ChannelPlan channel : plan.channels()) {
            String companion = channel.create().companion();
            if (pending.companions().contains(companion)) {
                Layout layout = layouts.announced(layoutHash);
                Sums known = layout == null ? null : ofCompanion(pending, companion, layout, plan.tensors());
                if (known == null) {
                    return null;
                }
                sums.put(channel.name(), known);
            }
            int numbers = channel.create().shape().reductions();
            if (numbers > 0 && channels.channel(channel.name()).progress().updates() > 0) {
                Layout layout = layouts.announced(layoutHash);
                Long since = store.get(movedKey(channel.name()), Long.class);
                Sums known = layout == null
                        ? null
                        : sums(pending, channel.name(), layout, numbers, since == null ? 0 : since);
                if (layout == null || known == null) {
                    return null;
                }
                sums.put(channel.name(), known.of(layout.tensors(), plan.tensors()));
            }
        }
        return sums;
    }

    /** Under which the newest decision that changed a channel is kept. */
    static String movedKey(String channel) {
        return "moved/" + channel;
    }

    /**
     * The sums over tensors.
     *
     * @param reductions numbers of each chunk
     * @param since decision that the channel's state must contain
     * @return null: some partition has not said them yet, or of an older state
     */
    @Nullable
    Sums sums(State.Pending pending, String channel, Layout layout, int reductions, long since) {
        String key = key(pending.run(), pending.epoch(), pending.step()) + channel + "/";
        List<List<Double>> parts = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            State.Reduction part = store.get(key + partition, State.Reduction.class);
            if (part == null || part.seq() < since) {
                return null;
            }
            parts.add(part.values());
        }
        return sums(layout, reductions, parts);
    }

    /**
     * The sums of a companion over the tensors that are averaged; see {@link CompanionSums}.
     *
     * @return null: some partition has not said them yet
     */
    @Nullable
    Sums ofCompanion(State.Pending pending, String companion, Layout layout, List<TensorPolicy.Rule> rules) {
        Sums all = sums(pending, CompanionSums.key(companion), layout, CompanionSums.NUMBERS, 0);
        return all == null ? null : all.of(layout.tensors(), rules);
    }

    /** @param parts of each partition, the numbers of its chunks in their order */
    static Sums sums(Layout layout, int reductions, List<List<Double>> parts) {
        List<double[]> sums = new ArrayList<>();
        layout.tensors().forEach(tensor -> sums.add(new double[reductions]));
        for (int number = 0; number < layout.chunkCount(); number++) {
            List<Double> values = parts.get(Layout.partition(number, parts.size()));
            double[] sum = sums.get(layout.chunk(number).tensor());
            for (int i = 0; i < reductions; i++) {
                sum[i] += values.get(number / parts.size() * reductions + i);
            }
        }
        return new Sums(sums);
    }

    private static String key(String run, long epoch, long step) {
        return "sums/" + run + "/" + StateStore.number(epoch) + "/" + StateStore.number(step) + "/";
    }
}
