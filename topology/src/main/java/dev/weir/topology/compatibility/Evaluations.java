package dev.weir.topology.compatibility;

import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.store.Counters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The evaluations that came, by subject. Of two evaluators of one subject the first counts; predictions after completion
 * are late; an id that comes again is a duplicate or, with another class, a conflict in which the first stays. All of it is
 * counted.
 */
final class Evaluations {
    /** Complete evaluations that are kept besides those that are needed; older ones go. */
    static final int KEPT = 500;

    /** Evaluations that are begun and not complete that are kept besides those that are needed; older ones are given up. */
    static final int BEGUN = 100;

    /** Comparisons that are counted on as predictions come; others begin anew when they are asked for. */
    private static final int RUNNING = 32;

    private static final String BAD_PROBABILITIES = "bad-probabilities";

    /** By which a probability in f32 may exceed 1. */
    private static final double ROUNDING = 1e-6;

    private static final int NOT_NEW = -1;

    /** What is compared with what. */
    private record Pair(Subject baseline, Subject candidate) {}

    private final Counters counters;
    private final Examples examples = new Examples();
    private final Map<Subject, Evaluation> evaluations = new LinkedHashMap<>();
    private final Set<Subject> forgotten = new HashSet<>();
    private final Map<Pair, Comparison> running = new LinkedHashMap<>(16, 0.75f, true);

    Evaluations(Counters counters) {
        this.counters = counters;
    }

    Examples examples() {
        return examples;
    }

    @Nullable
    Evaluation of(Subject subject) {
        return evaluations.get(subject);
    }

    /** Whether it is no version of a channel, but one that a search tries and wants scored. */
    static boolean isTried(Subject subject) {
        return subject.getChannel().endsWith(ChannelPlan.CANDIDATES);
    }

    boolean complete(Subject subject) {
        Evaluation evaluation = evaluations.get(subject);
        return evaluation != null && evaluation.complete();
    }

    /** Share of a subject's labelled examples that are predicted rightly; NaN when none has a label. */
    double accuracy(Subject subject) {
        Evaluation evaluation = evaluations.get(subject);
        if (evaluation == null) {
            return Double.NaN;
        }
        return evaluation
                .examples()
                .filter(example -> examples.label(example) != Examples.NO_LABEL)
                .mapToDouble(example -> evaluation.predicted(example) == examples.label(example) ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    /** Subjects whose evaluations are complete, in the order in which they began. */
    List<Subject> allComplete() {
        return new ArrayList<>(
                evaluations.keySet().stream().filter(this::complete).toList());
    }

    /** The candidate against the baseline; counted on from where it was if the two were compared lately. */
    Comparison compare(Subject baseline, Subject candidate, Evaluation old, Evaluation fresh) {
        Pair pair = new Pair(baseline, candidate);
        Comparison known = running.get(pair);
        if (known != null) {
            return known;
        }
        Comparison comparison = new Comparison(examples, old, fresh);
        running.put(pair, comparison);
        if (running.size() > RUNNING) {
            running.remove(running.keySet().iterator().next());
        }
        return comparison;
    }

    /** @return whether anything of it was used */
    boolean take(Predictions predictions, EvaluationOutput out) {
        Subject subject = predictions.getSubject();
        int count = predictions.getIds().size();
        boolean sliced = !predictions.getSlices().isEmpty();
        if (predictions.getLabels().size() != count
                || predictions.getPredicted().size() != count
                || (sliced && predictions.getSlices().size() != count)) {
            drop("uneven-arrays", name(subject) + ": ids, labels, predicted and slices differ in length", out);
            return false;
        }
        Evaluation evaluation = admit(subject, predictions.getEvaluator(), out);
        if (evaluation == null) {
            return false;
        }
        boolean confident = probabilitiesFit(predictions, out);
        for (int i = 0; i < count; i++) {
            int example = one(
                    subject,
                    evaluation,
                    predictions.getIds().get(i),
                    predictions.getLabels().get(i),
                    predictions.getPredicted().get(i),
                    sliced ? predictions.getSlices().get(i) : "",
                    out);
            // Of what a search tries nobody asks how sure it is.
            if (confident && example != NOT_NEW && !isTried(subject)) {
                confidence(evaluation, example, predictions, i, out);
            }
        }
        if (evaluation.received() > 0) {
            evaluations.putIfAbsent(subject, evaluation);
        }
        return evaluations.containsKey(subject);
    }

    /** @return whether it was used */
    boolean end(EvaluationEnd end, EvaluationOutput out) {
        Subject subject = end.getSubject();
        if (end.getCount() < 1) {
            drop(
                    "empty-evaluation",
                    name(subject) + ": its end says " + end.getCount() + " examples; allowed: 1 or more",
                    out);
            return false;
        }
        Evaluation evaluation = admit(subject, end.getEvaluator(), out);
        if (evaluation == null) {
            return false;
        }
        evaluations.putIfAbsent(subject, evaluation);
        evaluation.end(end.getCount());
        if (evaluation.received() > end.getCount()) {
            drop(
                    "more-than-announced",
                    name(subject) + ": " + evaluation.received() + " examples came, the end says " + end.getCount(),
                    out);
        }
        return true;
    }

    /** Forgets evaluations beyond those that are kept, oldest first. */
    void forget(Set<Subject> needed, EvaluationOutput out) {
        long complete =
                evaluations.values().stream().filter(Evaluation::complete).count();
        long begun = evaluations.keySet().stream()
                .filter(subject -> !complete(subject) && !needed.contains(subject))
                .count();
        if (complete <= KEPT && begun <= BEGUN) {
            return;
        }
        for (Subject subject : List.copyOf(evaluations.keySet())) {
            if (needed.contains(subject)) {
                continue;
            }
            if (complete(subject) && complete > KEPT) {
                complete--;
                remove(subject);
                forgotten.add(subject);
                counters.add("evaluations-forgotten");
            } else if (!complete(subject) && begun > BEGUN) {
                begun--;
                remove(subject);
                drop(
                        "evaluation-given-up",
                        name(subject) + ": its evaluation was begun before " + BEGUN
                                + " others and is not complete; hand it in again from the beginning",
                        out);
            }
        }
    }

    private void remove(Subject subject) {
        evaluations.remove(subject);
        running.keySet()
                .removeIf(pair ->
                        pair.baseline().equals(subject) || pair.candidate().equals(subject));
    }

    /** An evaluation that was forgotten may be handed in again: its subject is held against others once more. */
    void reopen(Subject subject) {
        forgotten.remove(subject);
    }

    /** The evaluation that a sound record belongs to, which may be a new one; null: none. */
    private @Nullable Evaluation admit(Subject subject, String evaluator, EvaluationOutput out) {
        Evaluation evaluation = evaluations.get(subject);
        if (forgotten.contains(subject) || (evaluation != null && evaluation.complete())) {
            drop("late", name(subject) + ": its evaluation is complete", out);
            return null;
        }
        if (evaluation == null) {
            return new Evaluation(evaluator);
        }
        if (!evaluation.evaluator().equals(evaluator)) {
            drop(
                    "other-evaluator",
                    name(subject) + ": " + evaluation.evaluator() + " evaluates it, " + evaluator + " came second",
                    out);
            return null;
        }
        return evaluation;
    }

    /** Whether there are probabilities of every example; predictions count without them, too. */
    private boolean probabilitiesFit(Predictions predictions, EvaluationOutput out) {
        long needed = (long) predictions.getClasses() * predictions.getIds().size();
        if (predictions.getProbabilities().size() != needed || predictions.getClasses() < 0) {
            drop(
                    BAD_PROBABILITIES,
                    name(predictions.getSubject()) + ": "
                            + predictions.getProbabilities().size() + " probabilities of "
                            + predictions.getClasses() + " classes for "
                            + predictions.getIds().size() + " examples; allowed: one a class and example, or none",
                    out);
            return false;
        }
        return needed > 0;
    }

    /** Counts the confidence in a prediction whose label is known. */
    private void confidence(Evaluation evaluation, int example, Predictions predictions, int i, EvaluationOutput out) {
        int label = examples.label(example);
        if (label == Examples.NO_LABEL) {
            return;
        }
        int predicted = predictions.getPredicted().get(i);
        double probability = predicted < predictions.getClasses()
                ? predictions.getProbabilities().get(i * predictions.getClasses() + predicted)
                : Double.NaN;
        if (!(probability >= 0 && probability <= 1 + ROUNDING)) {
            drop(
                    BAD_PROBABILITIES,
                    name(predictions.getSubject()) + " example "
                            + predictions.getIds().get(i) + ": " + probability + " for class " + predicted
                            + "; allowed: 0 to 1",
                    out);
            return;
        }
        evaluation.confidences().add(Math.min(1, probability), predicted == label);
    }

    /** @return the example, or {@link #NOT_NEW} if the prediction does not count */
    private int one(
            Subject subject,
            Evaluation evaluation,
            String id,
            int label,
            int predicted,
            String slices,
            EvaluationOutput out) {
        if (predicted < 0 || label < Examples.NO_LABEL) {
            drop(
                    "bad-class",
                    name(subject) + " example " + id + ": label " + label + ", predicted " + predicted
                            + "; allowed: classes from 0, label -1 for unknown",
                    out);
            return NOT_NEW;
        }
        int example = examples.number(id);
        long known = examples.revision();
        if (!examples.describe(example, label, slices)) {
            drop("label-conflict", "example " + id + ": label " + label + ", known as " + examples.label(example), out);
        }
        if (examples.revision() != known) {
            // It was counted without its label or its slices there.
            running.values().removeIf(comparison -> comparison.counted(example));
        }
        switch (evaluation.take(example, predicted)) {
            case NEW -> {
                counters.add("predictions");
                running.values().forEach(comparison -> comparison.took(evaluation, example));
                return example;
            }
            case DUPLICATE -> counters.add("duplicates");
            case CONFLICT ->
                drop(
                        "conflict",
                        name(subject) + " example " + id + ": predicted " + predicted + " now, "
                                + evaluation.predicted(example) + " before",
                        out);
        }
        return NOT_NEW;
    }

    /** Counts and reports what was not used. */
    void drop(String reason, String detail, EvaluationOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }

    static String name(Subject subject) {
        return subject.getChannel().isEmpty()
                ? "raw checkpoint of decision " + subject.getVersion()
                : "channel " + subject.getChannel() + " version " + subject.getVersion();
    }
}
