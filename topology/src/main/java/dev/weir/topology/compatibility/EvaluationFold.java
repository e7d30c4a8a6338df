package dev.weir.topology.compatibility;

import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.plan.PlanException;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.Counters;
import dev.weir.topology.store.LogFold;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The fold over the log of predictions, plans, searches and requests by hand: what is complete, how it compares with the
 * baseline, and what the gate makes of it. Every verdict follows from the records before it in the log.
 */
final class EvaluationFold implements LogFold<EvaluationOutput> {
    private final RecordCodec codec;
    private final Counters counters = new Counters();
    private final Evaluations evaluations = new Evaluations(counters);
    private volatile Map<String, Object> facts = Map.of();
    private final Judge judge = new Judge(evaluations);

    EvaluationFold(RecordCodec codec) {
        this.codec = codec;
    }

    @Override
    public void apply(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            long offset,
            long timestampMs,
            EvaluationOutput out) {
        if (key == null || value == null) {
            drop("null-key", "a record of predictions has a key and a value", out);
            return;
        }
        SpecificRecord record;
        try {
            record = codec.read(value, headers, false);
        } catch (BadRecordException bad) {
            drop(bad.reason(), String.valueOf(bad.getMessage()), out);
            return;
        }
        switch (record) {
            case Predictions predictions -> {
                counters.add("prediction-records");
                if (evaluations.take(predictions, out)) {
                    progressed(predictions.getSubject(), out);
                }
            }
            case EvaluationEnd end -> {
                counters.add("evaluations-ended");
                if (evaluations.end(end, out)) {
                    progressed(end.getSubject(), out);
                }
            }
            case PromotionRequest request -> moving(() -> judge.request(request, out), out);
            case SearchProposal proposal -> search(proposal, out);
            case Plan plan -> plan(plan, out);
            default -> drop("foreign-record", record.getSchema().getName() + " does not belong into predictions", out);
        }
        facts = judge.facts();
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Map<String, Object> facts() {
        return facts;
    }

    @Override
    public void close() {}

    /** A candidate of a search is scored as soon as its evaluation is complete, which it becomes once. */
    private void progressed(Subject subject, EvaluationOutput out) {
        if (Evaluations.isTried(subject) && evaluations.complete(subject)) {
            double accuracy = evaluations.accuracy(subject);
            if (Double.isNaN(accuracy)) {
                drop("no-labels", Evaluations.name(subject) + ": no example has a label", out);
            } else {
                out.score(new SideInput(
                        1, "", 0L, subject.getChannel(), subject.getVersion(), "accuracy", accuracy, "compatibility"));
            }
        }
        judge.progressed(subject, out);
        if (evaluations.complete(subject) && !Evaluations.isTried(subject)) {
            standings(out);
        }
    }

    private void standings(EvaluationOutput out) {
        if (out.says()) {
            Contest.standings(evaluations, judge.baseline()).ifPresent(out::standings);
        }
    }

    private void search(SearchProposal proposal, EvaluationOutput out) {
        int rungs = proposal.getVersions().size();
        if (rungs == 0 || proposal.getNewWeights().size() != rungs) {
            drop("bad-search", "a search has versions and a weight for each", out);
            return;
        }
        moving(() -> judge.search(proposal, out), out);
    }

    /** Says the standings anew if the baseline is another afterwards. */
    private void moving(Runnable judgement, EvaluationOutput out) {
        Subject before = judge.baseline();
        judgement.run();
        if (!judge.baseline().equals(before)) {
            standings(out);
        }
    }

    private void plan(Plan plan, EvaluationOutput out) {
        try {
            judge.gate(PlanFormat.parse(plan.getPlan()).gate());
        } catch (PlanException refused) {
            drop("bad-plan", String.valueOf(refused.getMessage()), out);
        }
    }

    private void drop(String reason, String detail, EvaluationOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }
}
