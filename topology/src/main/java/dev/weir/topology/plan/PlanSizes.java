package dev.weir.topology.plan;

import dev.weir.operators.Bcwi;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a plan keeps of a model, known before anything runs: bytes over all partitions, without standbys and replicas.
 *
 * @param channels in the order of the plan; behind a search, its candidates
 * @param baselineBytes pinned off the heap because a channel mixes with it; 0: none does
 * @param checkpointBytes of a whole checkpoint: so much off the heap for each run that sends differences, and for each
 *     checkpoint that waits for its decision
 * @param unmatched patterns of the plan's tensors that are for no tensor of the model
 */
public record PlanSizes(List<Channel> channels, long baselineBytes, long checkpointBytes, List<String> unmatched) {
    /**
     * One channel.
     *
     * @param name its own, or that of its candidates
     * @param stateBytes off the heap; 0: it has no state of its own
     * @param versionBytes of each snapshot
     * @param retain snapshots that are kept, beside those that are or were in service; of candidates at least, as none goes
     *     before it has its score
     */
    public record Channel(String name, String operator, long stateBytes, long versionBytes, int retain) {
        /** Of all snapshots that are kept. */
        public long keptBytes() {
            return Math.multiplyExact(versionBytes, (long) retain);
        }
    }

    /** @param layout of the model's checkpoints */
    public static PlanSizes of(Plan plan, Layout layout) {
        List<Channel> channels = new ArrayList<>();
        boolean mixed = false;
        long version = versionBytes(plan, layout);
        for (ChannelPlan channel : plan.channels()) {
            Operator operator = channel.create();
            boolean mixes = operator instanceof Bcwi;
            mixed |= mixes;
            long state = mixes ? 0 : stateBytes(operator, plan, layout);
            channels.add(new Channel(channel.name(), channel.operator(), state, version, channel.retain()));
            if (operator instanceof SearchChannel) {
                String candidates = channel.name() + ChannelPlan.CANDIDATES;
                channels.add(new Channel(candidates, channel.operator(), 0, version, channel.retain()));
            }
        }
        return new PlanSizes(
                List.copyOf(channels),
                mixed ? layout.byteSize() : 0,
                layout.byteSize(),
                TensorPolicy.unmatched(layout.tensors(), plan.tensors()));
    }

    /** Of averages and the baseline, off the heap. */
    public long stateBytes() {
        return baselineBytes + channels.stream().mapToLong(Channel::stateBytes).sum();
    }

    /** Of snapshots that are kept on the brokers. */
    public long keptBytes() {
        return channels.stream().mapToLong(Channel::keptBytes).reduce(0, Math::addExact);
    }

    private static long stateBytes(Operator operator, Plan plan, Layout layout) {
        Kernel kernel = Kernel.create();
        long bytes = 0;
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec chunk = layout.chunk(number);
            TensorSpec tensor = layout.tensorOf(chunk);
            TensorPolicy policy = TensorPolicy.of(tensor, plan.tensors());
            if (policy != TensorPolicy.SKIP) {
                bytes += new ChunkFold(kernel, operator, policy, tensor, chunk).stateBytes();
            }
        }
        return bytes;
    }

    private static long versionBytes(Plan plan, Layout layout) {
        return layout.tensors().stream()
                .filter(tensor -> TensorPolicy.of(tensor, plan.tensors()) != TensorPolicy.SKIP)
                .mapToLong(TensorSpec::byteSize)
                .sum();
    }
}
