package dev.weir.topology.compatibility;

import dev.weir.operators.flip.FlipCounts;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionAction;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.plan.GatePlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds candidates against the baseline: comparisons, searches, the gate, and moves by hand. */
final class Judge {
    /** Candidates that wait for the baseline's evaluation; each keeps its own. */
    static final int WAITING = 100;

    /** Searches that may wait for their evaluations; older ones are given up. */
    private static final int OPEN_SEARCHES = 100;

    /** Baselines whose evaluations stay, the one in service among them: rollbacks find them. */
    private static final int ROLLBACKS_KEPT = 10;

    private final Evaluations evaluations;
    private final Baselines baselines = new Baselines();
    private final List<Search> searches = new ArrayList<>();
    /** Rungs of every search, chosen or not: the gate takes none of them but the chosen ones. */
    private final Set<Subject> rungs = new HashSet<>();

    private final List<Subject> waiting = new ArrayList<>();
    private @Nullable GatePlan gate;
    private long verdicts;

    Judge(Evaluations evaluations) {
        this.evaluations = evaluations;
    }

    void gate(@Nullable GatePlan plan) {
        gate = plan;
    }

    /** What is in service; version 0: nothing. */
    Subject baseline() {
        return baselines.inService();
    }

    /** What is in service, what the gate waits for, and how many verdicts there were. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        Subject baseline = baselines.inService();
        if (!baseline.equals(Baselines.NONE)) {
            facts.put(
                    "baseline",
                    Map.of(
                            "channel",
                            baseline.getChannel(),
                            "version",
                            baseline.getVersion(),
                            "evaluated",
                            evaluations.complete(baseline)));
        }
        GatePlan plan = gate;
        if (plan != null) {
            facts.put("gate", Map.of("channels", plan.channels(), "waiting", waiting.size()));
        }
        facts.put("openSearches", searches.size());
        facts.put("verdicts", verdicts);
        return Collections.unmodifiableMap(facts);
    }

    /** Predictions or an end of this subject came. */
    void progressed(Subject subject, EvaluationOutput out) {
        if (!evaluations.complete(subject)) {
            compare(subject, out);
        } else if (subject.equals(baselines.inService())) {
            List<Subject> candidates = List.copyOf(waiting);
            compareAll(out);
            choose(out);
            candidates.forEach(candidate -> judge(candidate, out));
        } else {
            compare(subject, out);
            choose(out);
            pass(subject, out);
        }
        forget(out);
    }

    void search(SearchProposal proposal, EvaluationOutput out) {
        Search search = new Search(proposal);
        for (int i = 0; i < proposal.getVersions().size(); i++) {
            rungs.add(search.rung(i));
        }
        searches.add(search);
        if (searches.size() > OPEN_SEARCHES) {
            Search oldest = searches.remove(0);
            evaluations.drop(
                    "search-given-up",
                    "channel " + oldest.proposal().getChannel() + ": the search of decision "
                            + oldest.proposal().getSeq() + " waits for evaluations behind " + OPEN_SEARCHES
                            + " newer ones",
                    out);
        }
        choose(out);
    }

    void request(PromotionRequest request, EvaluationOutput out) {
        Subject before = baselines.inService();
        if (request.getAction() == PromotionAction.ROLLBACK) {
            Subject expected = request.getSubject();
            boolean another = expected.getVersion() > 0 && !expected.equals(before);
            Subject back = another ? null : baselines.rollBack();
            if (another) {
                String reason = "another baseline is in force than the one to go back from, " + name(expected);
                answer(PromotionVerdict.REFUSED, before, before, request, reason, out);
            } else if (back == null) {
                answer(PromotionVerdict.REFUSED, before, before, request, "there is no baseline before this one", out);
            } else {
                moved(PromotionVerdict.ROLLED_BACK, back, before, request, out);
            }
        } else if (request.getSubject().getVersion() < 1
                || request.getSubject().getChannel().isEmpty()) {
            answer(
                    PromotionVerdict.REFUSED,
                    request.getSubject(),
                    before,
                    request,
                    "only a version of a channel can be promoted",
                    out);
        } else if (request.getSubject().equals(before)) {
            // Nothing moves: candidates go on waiting for this baseline's evaluation.
            answer(PromotionVerdict.PROMOTED, before, before, request, request.getReason(), out);
        } else {
            baselines.promote(request.getSubject());
            moved(PromotionVerdict.PROMOTED, request.getSubject(), before, request, out);
        }
    }

    private static String name(Subject subject) {
        return "channel " + subject.getChannel() + " version " + subject.getVersion();
    }

    private void moved(
            PromotionVerdict verdict, Subject now, Subject before, PromotionRequest request, EvaluationOutput out) {
        answer(verdict, now, before, request, request.getReason(), out);
        compareAll(out);
    }

    private void answer(
            PromotionVerdict verdict,
            Subject subject,
            Subject baseline,
            PromotionRequest request,
            String reason,
            EvaluationOutput out) {
        out.promotion(verdict(verdict, subject, baseline)
                .setWho(request.getWho())
                .setReason(reason)
                .setRequest(request.getRequest())
                .setRule("{}")
                .setEvidence("{}")
                .build());
    }

    /** A new baseline is compared with everything that is complete; the gate judges only what completes from now on. */
    private void compareAll(EvaluationOutput out) {
        waiting.clear();
        evaluations.reopen(baselines.inService());
        if (evaluations.complete(baselines.inService())) {
            evaluations.allComplete().forEach(candidate -> compare(candidate, out));
        }
    }

    /** Closes every search whose rungs are all evaluated against the baseline that it was proposed for. */
    private void choose(EvaluationOutput out) {
        for (Search search : List.copyOf(searches)) {
            Subject baseline = search.proposal().getBaseline();
            Evaluation old = evaluations.of(baseline);
            if (old == null || !old.complete() || !search.all(evaluations::complete)) {
                continue;
            }
            List<Search.Rung> evaluated = search.rungs(subject -> counts(baseline, old, subject));
            searches.remove(search);
            Search.Rung chosen = search.choose(evaluated);
            out.promotion(verdict(PromotionVerdict.SELECTED, chosen.subject(), baseline)
                    .setWho("search")
                    .setReason("new-weight " + chosen.newWeight() + " has "
                            + chosen.counts().negative() + " negative flips")
                    .setRequest("")
                    .setRule(Evidence.json(search.rule()))
                    .setEvidence(
                            Evidence.json(Map.of("newWeight", chosen.newWeight(), "rungs", Evidence.rungs(evaluated))))
                    .build());
            judge(chosen.subject(), out);
        }
    }

    private void pass(Subject candidate, EvaluationOutput out) {
        if (!rungs.contains(candidate)) {
            judge(candidate, out);
        }
    }

    /** Lets a complete candidate through the gate, or holds it, as soon as the baseline's evaluation is complete. */
    private void judge(Subject candidate, EvaluationOutput out) {
        GatePlan plan = gate;
        Subject baseline = baselines.inService();
        if (!baseline.equals(Baselines.NONE) && !evaluations.complete(baseline)) {
            await(candidate, out);
            return;
        }
        if (plan == null || candidate.equals(baseline) || !new Gate(plan).watches(candidate)) {
            return;
        }
        Gate rule = new Gate(plan);
        Evaluation old = evaluations.of(baseline);
        FlipCounts counts = old == null ? null : counts(baseline, old, candidate);
        Gate.Opinion opinion = counts == null
                ? new Gate.Opinion(false, "there is no baseline")
                : rule.judge(counts, confidences(candidate));
        Promotion.Builder verdict = verdict(
                        opinion.promote() ? PromotionVerdict.PROMOTED : PromotionVerdict.HELD, candidate, baseline)
                .setWho("gate")
                .setReason(opinion.reason())
                .setRequest("")
                .setRule(Evidence.json(rule.rule()))
                .setEvidence(Evidence.json(counts == null ? Map.of() : Evidence.counts(counts, plan.confidence())));
        if (opinion.promote()) {
            baselines.promote(candidate);
        }
        out.promotion(verdict.build());
        if (opinion.promote()) {
            compareAll(out);
        }
    }

    /** Until the baseline's evaluation is complete; where that does not come, the candidates that wait longest are given up. */
    private void await(Subject candidate, EvaluationOutput out) {
        if (waiting.contains(candidate)) {
            return;
        }
        waiting.add(candidate);
        if (waiting.size() > WAITING) {
            evaluations.drop(
                    "candidate-given-up",
                    name(waiting.remove(0)) + ": was evaluated before " + WAITING + " others, and "
                            + name(baselines.inService()) + ", the baseline, has no complete evaluation;"
                            + " hand in the baseline's, and promote this one by hand if it is wanted",
                    out);
        }
    }

    private Promotion.Builder verdict(PromotionVerdict verdict, Subject subject, Subject baseline) {
        verdicts++;
        return Promotion.newBuilder()
                .setNumber(verdicts)
                .setVerdict(verdict)
                .setSubject(subject)
                .setBaseline(baseline);
    }

    private Confidences confidences(Subject candidate) {
        return Objects.requireNonNull(evaluations.of(candidate), () -> Evaluations.name(candidate))
                .confidences();
    }

    private FlipCounts counts(Subject baseline, Evaluation old, Subject candidate) {
        Evaluation fresh = Objects.requireNonNull(evaluations.of(candidate), () -> Evaluations.name(candidate));
        return evaluations
                .compare(baseline, candidate, old, fresh)
                .table()
                .total()
                .labelled();
    }

    private void compare(Subject candidate, EvaluationOutput out) {
        Subject baseline = baselines.inService();
        Evaluation old = evaluations.of(baseline);
        Evaluation fresh = evaluations.of(candidate);
        if (out.says() && old != null && fresh != null && !candidate.equals(baseline)) {
            Comparison comparison = evaluations.compare(baseline, candidate, old, fresh);
            out.compatibility(Evidence.compatibility(baseline, candidate, old, fresh, comparison));
        }
    }

    private void forget(EvaluationOutput out) {
        Set<Subject> needed = new HashSet<>(waiting);
        needed.addAll(baselines.newest(ROLLBACKS_KEPT));
        searches.forEach(search -> {
            needed.add(search.proposal().getBaseline());
            for (int i = 0; i < search.proposal().getVersions().size(); i++) {
                needed.add(search.rung(i));
            }
        });
        evaluations.forget(needed, out);
    }
}
