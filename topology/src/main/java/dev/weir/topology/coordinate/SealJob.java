package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.Layout;
import java.util.List;

/**
 * A version to be read back and digested.
 *
 * @param layout the model's tensors, by which chunks are numbered
 * @param skipped names of those that snapshots leave out
 * @param partDigests digest of each partition's share, as the partitions acknowledged it
 */
record SealJob(String channel, long version, long seq, Layout layout, List<String> skipped, List<Sha256> partDigests) {}
