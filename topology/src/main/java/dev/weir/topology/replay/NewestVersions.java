package dev.weir.topology.replay;

import dev.weir.schemas.record.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Hands complete versions on, at once or, of channels whose newest version is not known beforehand, once no newer one can come:
 * what is outdone is deleted.
 */
final class NewestVersions implements PlannedReplay.Versions {
    private final Predicate<String> waits;
    private final PlannedReplay.Versions to;
    private final Map<String, Map<Manifest, Path>> held = new TreeMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();

    /**
     * @param channels all that may have versions
     * @param waits whether a channel's newest version is not known beforehand
     */
    NewestVersions(Set<String> channels, Predicate<String> waits, PlannedReplay.Versions to) {
        this.waits = waits;
        this.to = to;
        channels.forEach(channel -> counts.put(channel, 0));
    }

    @Override
    public void complete(Manifest manifest, Path weights) {
        String channel = manifest.getChannel();
        if (!waits.test(channel)) {
            counts.merge(channel, 1, Integer::sum);
            to.complete(manifest, weights);
            return;
        }
        Map<Manifest, Path> newest = held.computeIfAbsent(channel, name -> new LinkedHashMap<>());
        // One decision may have several versions of a mix.
        if (newest.keySet().stream().anyMatch(older -> older.getSeq() != manifest.getSeq())) {
            newest.values().forEach(NewestVersions::delete);
            newest.clear();
        }
        newest.put(manifest, weights);
    }

    /** Hands on what is left; call it after the last decision. */
    void end() {
        held.forEach((channel, newest) -> {
            counts.merge(channel, newest.size(), Integer::sum);
            newest.forEach(to::complete);
        });
        held.clear();
    }

    /** Versions that were handed on, by channel. */
    Map<String, Integer> counts() {
        return counts;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
