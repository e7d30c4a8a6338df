package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.clients.promote.PromotionLog;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Brings the baseline in force into a directory. Every baseline has one directory there, however often it comes back. */
final class PromotedPull {

    private final String model;
    private final PromotionLog log;
    private final Function<Subject, Optional<Manifest>> manifests;
    private final BiConsumer<Manifest, Path> download;

    /**
     * @param manifests finds a version's manifest, unless it has been retired
     * @param download writes a version's weights to a file
     */
    PromotedPull(
            String model,
            PromotionLog log,
            Function<Subject, Optional<Manifest>> manifests,
            BiConsumer<Manifest, Path> download) {
        this.model = model;
        this.log = log;
        this.manifests = manifests;
        this.download = download;
    }

    /** The verdict in force now. */
    Optional<Promotion> inForce() {
        log.catchUp(verdict -> {});
        return log.inForce();
    }

    /** Pulls what that verdict put in force, and lets {@code current} name it. */
    PromotedVersion pull(Promotion verdict, Path directory) {
        Subject subject = verdict.getSubject();
        Promotion first = log.firstOf(subject).orElse(verdict);
        Holding holding = Holding.ofPromoted(model, first);
        VersionDirectory versions = new VersionDirectory(directory);
        Optional<Manifest> manifest = manifests.apply(subject);
        // One that is there stays good when it is retired; until then its digest tells it from one of an earlier
        // model's.
        Path path = manifest.isPresent()
                ? versions.install(
                        holding, manifest.get(), Switching.TO_THIS, file -> download.accept(manifest.get(), file))
                : versions.switchBack(holding, first.getNumber()).orElseThrow(() -> retired(subject));
        return new PromotedVersion(verdict, path);
    }

    /** Pulls what that verdict put in force; empty if it is gone and another one is in force meanwhile. */
    Optional<PromotedVersion> pullUnlessOvertaken(Promotion verdict, Path directory) {
        try {
            return Optional.of(pull(verdict, directory));
        } catch (ClientException e) {
            boolean overtaken = e.reason() == ClientException.Reason.RETIRED
                    && inForce()
                            .filter(newer -> newer.getNumber() != verdict.getNumber())
                            .isPresent();
            if (overtaken) {
                return Optional.empty();
            }
            throw e;
        }
    }

    ClientException none() {
        return new ClientException(
                ClientException.Reason.MISSING,
                "model " + model,
                "has no baseline yet",
                "allowed: a model of which a version has been promoted",
                "run `weir promote`, or wait with `--follow`");
    }

    private static ClientException retired(Subject subject) {
        return new ClientException(
                ClientException.Reason.RETIRED,
                PromotionJson.name(subject),
                "is the baseline, but has been retired",
                "kept are as many versions of a channel as its `retain` in the plan says",
                "promote a newer version, and raise `retain`");
    }
}
