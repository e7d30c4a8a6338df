package dev.weir.topology.replay;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Emitted;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.Sha256;
import dev.weir.topology.coordinate.OtherPlan;
import dev.weir.topology.store.FoldException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of the versions that one decision emits. */
final class VersionFiles implements AutoCloseable {
    private final OtherPlan plan;
    private final long fromSeq;
    private final Map<VersionId, VersionFile> files = new HashMap<>();
    private final List<VersionId> order = new ArrayList<>();

    /**
     * @param fromSeq for manifests: the decision from which was folded where the log's beginning is gone, else 0
     * @param work their directory
     */
    VersionFiles(Decision decided, OtherPlan plan, long fromSeq, Path work) {
        this.plan = plan;
        this.fromSeq = fromSeq;
        for (ChannelUpdate update : decided.getUpdates()) {
            if (update.getVersion() > 0) {
                VersionId id = new VersionId(update.getChannel(), update.getVersion());
                order.add(id);
                Path path = work.resolve(id.channel() + "-" + id.version() + ".safetensors");
                files.put(id, new VersionFile(path, plan.layout(), plan.skipped()));
            }
        }
    }

    void write(MergedChunk chunk) {
        VersionFile file = files.get(new VersionId(chunk.getChannel(), chunk.getVersion()));
        if (file == null) {
            throw new FoldException(
                    "channel " + chunk.getChannel() + " version " + chunk.getVersion() + " was emitted and is not due");
        }
        file.write(chunk);
    }

    void finish(List<@Nullable Applied> applied, PlannedReplay.Versions complete) {
        if (order.isEmpty()) {
            return;
        }
        List<Applied> said = new ArrayList<>();
        for (Applied one : applied) {
            if (one == null) {
                throw new FoldException("a partition did not emit what is due");
            }
            said.add(one);
        }
        Set<VersionId> done = new HashSet<>();
        for (VersionId id : order) {
            VersionFile file = files.get(id);
            if (file != null && done.add(id)) {
                Sha256 digest = file.finish(parts(id, said));
                Manifest manifest = plan.manifest(id.channel(), id.version(), said, digest);
                manifest.put("fromSeq", fromSeq);
                complete.complete(manifest, file.path());
            }
        }
    }

    private static List<MergedPart> parts(VersionId id, List<Applied> applied) {
        return applied.stream()
                .flatMap(one -> one.getEmitted().stream())
                .filter(emitted -> emitted.getChannel().equals(id.channel()) && emitted.getVersion() == id.version())
                .map(Emitted::getPart)
                .toList();
    }

    @Override
    public void close() {
        files.values().forEach(VersionFile::close);
    }
}
