package dev.weir.cli.after;

import dev.weir.cli.ProgressLine;
import dev.weir.cli.WeirException;
import dev.weir.cli.merge.ModelMerge;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.operators.Checkpoint;
import dev.weir.operators.PowerEma;
import dev.weir.operators.PowerProfile;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.merge.ProfileFit;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.safetensors.UnfinishedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A power-function average of any width from the snapshots that a running Weir keeps of its power-ema channels: which
 * snapshots, with which coefficients, and how far the result's profile is from the one that was asked for.
 */
public final class Reconstruction {
    private static final String OPERATOR = "power-ema";

    /**
     * A snapshot that may be used.
     *
     * @param manifest what it is
     * @param profile trainer steps that it stands for, and its exponent
     */
    private record Snapshot(Manifest manifest, ProfileFit.Profile profile) {}

    private final double sigmaRel;
    private final List<Snapshot> used;
    private final ProfileFit fit;

    private Reconstruction(double sigmaRel, List<Snapshot> used, ProfileFit fit) {
        this.sigmaRel = sigmaRel;
        this.used = used;
        this.fit = fit;
    }

    /**
     * Chooses snapshots and solves for their coefficients.
     *
     * @param manifests all complete versions of the model
     * @param channels power-ema channels to take; empty: all
     * @param sigmaRel width that is asked for
     * @param step trainer step of the snapshot at which the average ends; empty: the newest
     * @param count snapshots of each channel at most, evenly spread over the steps
     */
    public static Reconstruction of(
            List<Manifest> manifests, Set<String> channels, double sigmaRel, OptionalLong step, int count) {
        Map<String, List<Snapshot>> tracked = tracked(manifests, channels);
        Snapshot asked = asked(tracked, step);
        Set<Snapshot> used = new LinkedHashSet<>();
        tracked.values()
                .forEach(snapshots ->
                        used.addAll(spread(snapshots, asked.profile().t(), count)));
        // The one that tensors which are not averaged come from is the last.
        List<Snapshot> ordered = new ArrayList<>(used);
        ordered.sort(Comparator.<Snapshot>comparingDouble(one -> one.profile().t())
                .thenComparing(one -> one.manifest().getChannel()));
        ProfileFit fit;
        try {
            fit = ProfileFit.of(
                    ordered.stream().map(Snapshot::profile).toList(),
                    new ProfileFit.Profile(asked.profile().t(), PowerProfile.gamma(sigmaRel)));
        } catch (IllegalArgumentException refused) {
            throw new WeirException("reconstruction", String.valueOf(refused.getMessage()), "", "", refused);
        }
        return new Reconstruction(sigmaRel, ordered, fit);
    }

    /** The profile's error and the system's condition. */
    public ProfileFit fit() {
        return fit;
    }

    /** The snapshots, oldest first. */
    public List<Manifest> snapshots() {
        return used.stream().map(Snapshot::manifest).toList();
    }

    /** Width that was asked for. */
    public double sigmaRel() {
        return sigmaRel;
    }

    /** Trainer step of the snapshot at which the average ends. */
    public long step() {
        return used.getLast().manifest().getStep();
    }

    /**
     * Distance of the weights that the checkpoints get from those that the average would have given them had it been
     * folded, as a share of the latter's length; empty where manifests no longer list all checkpoints.
     */
    public OptionalDouble checkpointError() {
        Map<Long, Double> made = new TreeMap<>();
        double[] x = fit.coefficients();
        Manifest longest = used.getLast().manifest();
        for (int i = 0; i < x.length; i++) {
            Manifest manifest = used.get(i).manifest();
            if (manifest.getOmitted() > 0) {
                return OptionalDouble.empty();
            }
            for (Ingredient ingredient : manifest.getIngredients()) {
                made.merge(ingredient.getSeq(), x[i] * ingredient.getWeight(), Double::sum);
            }
            boolean last = used.get(i).profile().t() == used.getLast().profile().t();
            longest = last
                            && manifest.getIngredients().size()
                                    > longest.getIngredients().size()
                    ? manifest
                    : longest;
        }
        List<Double> wanted = weights(new PowerEma(PowerProfile.gamma(sigmaRel)), longest);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < wanted.size(); i++) {
            Double there = made.remove(longest.getIngredients().get(i).getSeq());
            double off = (there == null ? 0 : there) - wanted.get(i);
            difference += off * off;
            length += wanted.get(i) * wanted.get(i);
        }
        for (double foreign : made.values()) {
            difference += foreign * foreign;
        }
        return OptionalDouble.of(Math.sqrt(difference / length));
    }

    /**
     * Brings the snapshots, every digest checked, and combines them.
     *
     * @param rules policies of the plan in force: what is not averaged is the newest snapshot's
     * @param output safetensors file to write; the snapshots lie in a hidden directory beside it meanwhile
     */
    public void write(Subscriber subscriber, List<TensorPolicy.Rule> rules, Path output) throws InterruptedException {
        Path work = UnfinishedFiles.add(output.toAbsolutePath().resolveSibling(".reconstruct-" + UUID.randomUUID()));
        AtomicInteger pulled = new AtomicInteger();
        try (ProgressLine progress = ProgressLine.of("snapshots")) {
            progress.follow(() -> pulled.get() / (double) used.size());
            List<Path> files = new ArrayList<>();
            for (Snapshot snapshot : used) {
                Path directory = work.resolve(snapshot.manifest().getChannel());
                files.add(subscriber.pull(snapshot.manifest(), directory));
                pulled.incrementAndGet();
            }
            // A tensor under skip is not in the snapshots; one under freeze is the same in all of them.
            List<TensorPolicy.Rule> there = rules.stream()
                    .filter(rule -> rule.policy() != TensorPolicy.SKIP)
                    .toList();
            new ModelMerge(fit.merge(), there, false).merge(files, List.of(), List.of(), output);
        } finally {
            delete(work);
            UnfinishedFiles.remove(work);
        }
    }

    private static Map<String, List<Snapshot>> tracked(List<Manifest> manifests, Set<String> channels) {
        Map<String, List<Snapshot>> tracked = new TreeMap<>();
        for (Manifest manifest : manifests) {
            if (manifest.getOperator().equals(OPERATOR)
                    && (channels.isEmpty() || channels.contains(manifest.getChannel()))) {
                tracked.computeIfAbsent(manifest.getChannel(), name -> new ArrayList<>())
                        .add(snapshot(manifest));
            }
        }
        for (String channel : channels) {
            if (!tracked.containsKey(channel)) {
                throw new WeirException(
                        "channel " + channel, "has no snapshots of power-ema", allowed(manifests), "see weir status");
            }
        }
        if (tracked.isEmpty()) {
            throw new WeirException(
                    "reconstruction",
                    "no channel of the model has snapshots of power-ema",
                    "allowed: a plan with channels such as {name: power-0.05, operator: power-ema, settings:"
                            + " {sigma-rel: 0.05}}",
                    "track two widths, and keep their versions by retain");
        }
        return tracked;
    }

    private static String allowed(List<Manifest> manifests) {
        return "allowed: "
                + manifests.stream()
                        .filter(manifest -> manifest.getOperator().equals(OPERATOR))
                        .map(Manifest::getChannel)
                        .collect(Collectors.toCollection(TreeSet::new))
                        .stream()
                        .collect(Collectors.joining(", "));
    }

    private static Snapshot snapshot(Manifest manifest) {
        PowerEma operator = operator(manifest);
        double t = manifest.getStep();
        if (manifest.getOmitted() == 0) {
            Progress progress = Progress.START;
            for (Ingredient one : manifest.getIngredients()) {
                progress = operator.step(progress, new Checkpoint(one.getSeq(), one.getRun(), one.getStep()))
                        .next();
            }
            t = progress.weight();
        } else if (manifest.getIngredients().stream()
                        .map(Ingredient::getRun)
                        .distinct()
                        .count()
                > 1) {
            throw new WeirException(
                    "channel " + manifest.getChannel() + " version " + manifest.getVersion(),
                    "no longer lists all its checkpoints, and they are of several runs, so that the steps that it stands"
                            + " for are not known",
                    "",
                    "choose an older --step");
        }
        return new Snapshot(manifest, new ProfileFit.Profile(t, operator.gamma()));
    }

    private static PowerEma operator(Manifest manifest) {
        return (PowerEma) dev.weir.operators.Operators.create(manifest.getOperator(), manifest.getSettings());
    }

    /** Weight of each ingredient had the operator folded them. */
    private static List<Double> weights(PowerEma operator, Manifest manifest) {
        List<List<Double>> updates = new ArrayList<>();
        Progress progress = Progress.START;
        for (Ingredient one : manifest.getIngredients()) {
            Step step = operator.step(progress, new Checkpoint(one.getSeq(), one.getRun(), one.getStep()));
            progress = step.next();
            updates.add(step.coefficients());
        }
        List<Double> weights = new ArrayList<>();
        for (double weight : operator.shape().effectiveWeights(updates)) {
            weights.add(weight);
        }
        return weights;
    }

    private static Snapshot asked(Map<String, List<Snapshot>> tracked, OptionalLong step) {
        List<Snapshot> all = tracked.values().stream().flatMap(List::stream).toList();
        Comparator<Snapshot> byTime =
                Comparator.comparingDouble(one -> one.profile().t());
        if (step.isEmpty()) {
            return all.stream().max(byTime).orElseThrow();
        }
        return all.stream()
                .filter(one -> one.manifest().getStep() == step.getAsLong())
                .max(byTime)
                .orElseThrow(() -> new WeirException(
                        "step " + step.getAsLong(),
                        "has no snapshot that is kept",
                        "allowed: "
                                + all.stream()
                                        .map(one -> one.manifest().getStep())
                                        .distinct()
                                        .sorted(Comparator.comparingLong(found -> Math.abs(found - step.getAsLong())))
                                        .limit(5)
                                        .sorted()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(", ")),
                        "choose one of them"));
    }

    /** So many of a channel's snapshots up to t, those nearest to t / n, 2 t / n .. t. */
    private static Set<Snapshot> spread(List<Snapshot> snapshots, double t, int count) {
        Map<Double, Snapshot> newestOfTime = new HashMap<>();
        snapshots.stream()
                .filter(one -> one.profile().t() > 0 && one.profile().t() <= t)
                .forEach(one -> newestOfTime.put(one.profile().t(), one));
        List<Snapshot> candidates = new ArrayList<>(newestOfTime.values());
        candidates.sort(Comparator.comparingDouble(one -> one.profile().t()));
        Set<Snapshot> chosen = new LinkedHashSet<>();
        for (int i = 1; i <= count && !candidates.isEmpty(); i++) {
            double wanted = t * i / count;
            chosen.add(candidates.stream()
                    .min(Comparator.comparingDouble(
                            one -> Math.abs(one.profile().t() - wanted)))
                    .orElseThrow());
        }
        return chosen;
    }

    private static void delete(Path work) {
        if (!Files.isDirectory(work)) {
            return;
        }
        try (Stream<Path> left = Files.walk(work)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
