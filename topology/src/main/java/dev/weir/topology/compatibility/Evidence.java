package dev.weir.topology.compatibility;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.FlipTable;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Comparisons as records, and what verdicts rest on as JSON. */
final class Evidence {
    /** Confidence of the intervals in comparisons. */
    private static final double CONFIDENCE = 0.95;

    /** Classes in a comparison, and slices; with {@link #ROW_BYTES} of each it fits into its topic, whose records have 2 MiB. */
    static final int ROWS = 500;

    private static final long ROW_BYTES = 768 << 10;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Evidence() {}

    static Compatibility compatibility(
            Subject baseline, Subject candidate, Evaluation old, Evaluation fresh, Comparison comparison) {
        FlipTable table = comparison.table();
        FlipCounts counts = table.total().labelled();
        return Compatibility.newBuilder()
                .setBaseline(baseline)
                .setCandidate(candidate)
                .setComplete(old.complete() && fresh.complete())
                .setExamples(counts.total())
                .setBothRight(counts.bothRight())
                .setNegative(counts.negative())
                .setPositive(counts.positive())
                .setBothWrong(counts.bothWrong())
                .setUnlabelled(table.total().unlabelled().examples())
                .setMissing(comparison.missing())
                .setUnknown(comparison.unknown())
                .setDuplicates(fresh.duplicates())
                .setConflicts(fresh.conflicts())
                .setReport(FlipJson.tree(FlipReport.of(table, CONFIDENCE), ROWS, ROW_BYTES)
                        .toString())
                .build();
    }

    static Map<String, Object> counts(FlipCounts counts, double confidence) {
        Map<String, Object> evidence = new LinkedHashMap<>();
        evidence.put("counts", FlipJson.counts(counts, confidence));
        return evidence;
    }

    static List<Map<String, Object>> rungs(List<Search.Rung> rungs) {
        return rungs.stream()
                .<Map<String, Object>>map(rung -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("version", rung.subject().getVersion());
                    one.put("newWeight", rung.newWeight());
                    one.put("negativeFlips", rung.counts().negative());
                    one.put("positiveFlips", rung.counts().positive());
                    one.put("right", rung.counts().bothRight() + rung.counts().positive());
                    one.put("examples", rung.counts().total());
                    return one;
                })
                .toList();
    }

    static String json(Map<String, ?> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
