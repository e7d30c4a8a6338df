package dev.weir.topology.compatibility;

import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionAction;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A log of predictions of a model, folded as it is written; what was written can be folded again. */
final class EvaluationLog implements EvaluationOutput {
    static final String EVALUATOR = "nightly";

    /** A prediction of one example. */
    record Row(String id, int label, int predicted, String slices) {}

    /** What the fold said on the record of an offset. */
    record Said(int offset, SpecificRecord record) {}

    private final RecordCodec codec =
            Registry.connect("mock://evaluation-log", Map.of()).codec();
    private final EvaluationFold fold = new EvaluationFold(codec);
    private final byte[] key = codec.write(new ModelKey(1, "m"));
    private final List<byte[]> values = new ArrayList<>();
    private final List<Said> said = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final List<SideInput> scores = new ArrayList<>();
    private final List<ChannelStandings> standings = new ArrayList<>();
    private boolean silent;

    static Row row(String id, int label, int predicted) {
        return new Row(id, label, predicted, "");
    }

    static Subject version(long version) {
        return new Subject("raw", version);
    }

    /** The same records in a new fold, silently up to an offset. */
    EvaluationLog again(int silentUpTo) {
        EvaluationLog again = new EvaluationLog();
        for (int offset = 0; offset < values.size(); offset++) {
            again.silent = offset < silentUpTo;
            again.raw(values.get(offset));
        }
        return again;
    }

    int size() {
        return values.size();
    }

    EvaluationLog predict(Subject subject, Row... rows) {
        return predict(subject, EVALUATOR, List.of(rows));
    }

    EvaluationLog predict(Subject subject, String evaluator, List<Row> rows) {
        boolean sliced = rows.stream().anyMatch(row -> !row.slices().isEmpty());
        return append(new Predictions(
                1,
                subject,
                evaluator,
                rows.stream().map(Row::id).toList(),
                rows.stream().map(Row::label).toList(),
                rows.stream().map(Row::predicted).toList(),
                sliced ? rows.stream().map(Row::slices).toList() : List.of(),
                List.of(),
                0));
    }

    EvaluationLog end(Subject subject, long count) {
        return end(subject, EVALUATOR, count);
    }

    EvaluationLog end(Subject subject, String evaluator, long count) {
        return append(new EvaluationEnd(1, subject, evaluator, count));
    }

    /** A whole evaluation in one record: every row has an id of its own. */
    EvaluationLog evaluate(Subject subject, Row... rows) {
        return predict(subject, rows).end(subject, rows.length);
    }

    EvaluationLog promote(Subject subject) {
        return append(new PromotionRequest(1, "r" + values.size(), PromotionAction.PROMOTE, subject, "me", "so"));
    }

    EvaluationLog rollback() {
        return rollback(new Subject("", 0L));
    }

    /** Of the baseline that is expected to be in force. */
    EvaluationLog rollback(Subject from) {
        return append(new PromotionRequest(1, "r" + values.size(), PromotionAction.ROLLBACK, from, "me", "back"));
    }

    /** A search with these versions of channel bcwi, at equal distances from 0 to 1; a negative budget keeps accuracy. */
    EvaluationLog search(Subject baseline, long budget, long... versions) {
        List<Long> rungs = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (int i = 0; i < versions.length; i++) {
            rungs.add(versions[i]);
            weights.add((double) i / (versions.length - 1));
        }
        return append(new SearchProposal(1, "bcwi", 1L, "raw", baseline, rungs, weights, budget));
    }

    EvaluationLog gate(String gate) {
        String channels = "[{name: raw, operator: ema, settings: {decay: 0}}, "
                + "{name: bcwi, operator: bcwi, settings: {from: raw, flip-budget: 1}}]";
        return plan("{model: m, channels: " + channels + ", gate: " + gate + "}");
    }

    EvaluationLog plan(String plan) {
        return append(new Plan(1, 1L, "p", plan, ""));
    }

    EvaluationLog append(SpecificRecord record) {
        return raw(codec.write(record));
    }

    EvaluationLog raw(byte[] value) {
        return raw(key, value);
    }

    EvaluationLog raw(byte @org.jspecify.annotations.Nullable [] ofKey, byte[] value) {
        values.add(value);
        EvaluationOutput to = silent ? EvaluationOutput.NONE : this;
        fold.apply(ofKey, value, new RecordHeaders(), values.size() - 1, 0, to);
        return this;
    }

    long counter(String reason) {
        return fold.counters().snapshot().getOrDefault(reason, 0L);
    }

    Map<String, Long> counters() {
        return fold.counters().snapshot();
    }

    List<String> dropped() {
        return dropped;
    }

    List<Said> said() {
        return said;
    }

    List<Said> saidFrom(int offset) {
        return said.stream().filter(one -> one.offset() >= offset).toList();
    }

    List<Promotion> promotions() {
        return only(Promotion.class);
    }

    List<Compatibility> comparisons() {
        return only(Compatibility.class);
    }

    /** Verdicts in short: number, verdict, version and baseline's version. */
    List<String> verdicts() {
        return promotions().stream()
                .map(one -> one.getNumber() + " " + one.getVerdict() + " "
                        + one.getSubject().getChannel() + " " + one.getSubject().getVersion() + " over "
                        + one.getBaseline().getVersion())
                .toList();
    }

    /** The newest comparison of a candidate. */
    Compatibility comparison(Subject candidate) {
        return comparisons().stream()
                .filter(one -> one.getCandidate().equals(candidate))
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    List<ChannelStandings> standings() {
        return standings;
    }

    /** A whole evaluation with probabilities of two classes: that of class 1, for each row. */
    EvaluationLog evaluate(Subject subject, List<Row> rows, List<Float> ofClass1) {
        append(new Predictions(
                1,
                subject,
                EVALUATOR,
                rows.stream().map(Row::id).toList(),
                rows.stream().map(Row::label).toList(),
                rows.stream().map(Row::predicted).toList(),
                List.of(),
                ofClass1.stream().flatMap(one -> Stream.of(1 - one, one)).toList(),
                2));
        return end(subject, rows.size());
    }

    List<SideInput> scores() {
        return scores;
    }

    @Override
    public void compatibility(Compatibility compatibility) {
        said.add(new Said(values.size() - 1, compatibility));
    }

    @Override
    public void standings(ChannelStandings given) {
        standings.add(given);
    }

    @Override
    public void score(SideInput input) {
        scores.add(input);
    }

    @Override
    public void promotion(Promotion promotion) {
        said.add(new Said(values.size() - 1, promotion));
    }

    @Override
    public void dropped(String reason, String detail) {
        dropped.add(reason + ": " + detail);
    }

    private <T extends SpecificRecord> List<T> only(Class<T> type) {
        return said.stream()
                .map(Said::record)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
