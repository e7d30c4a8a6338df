package dev.weir.topology.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern SAMPLE =
            Pattern.compile("[a-z_]+\\{([a-z_]+=\"(\\\\.|[^\"\\\\])*\",?)+} (-?[0-9.E]+|NaN|[+-]Inf)");

    @Test
    void everyFigureIsASampleWithItsModelAndRole() throws Exception {
        assertThat(lines("""
                {"model": "mnist", "role": "merge", "ready": true, "stateBytes": 4096, "longestFoldMs": 250, "records": 7,
                 "counters": {"duplicates": 3}, "lagRecords": {"mnist.deltas-2": 11}}"""))
                .contains(
                        "weir_ready{model=\"mnist\",role=\"merge\"} 1.0",
                        "weir_state_bytes{model=\"mnist\",role=\"merge\"} 4096.0",
                        "weir_longest_fold_seconds{model=\"mnist\",role=\"merge\"} 0.25",
                        "weir_records_total{model=\"mnist\",role=\"merge\"} 7.0",
                        "weir_events_total{counter=\"duplicates\",model=\"mnist\",role=\"merge\"} 3.0",
                        "weir_lag_records{model=\"mnist\",partition=\"2\",role=\"merge\",topic=\"mnist.deltas\"} 11.0");
    }

    @Test
    void whatTheCoordinatorAndTheGateSayIsThere() throws Exception {
        assertThat(lines("""
                {"model": "m", "role": "coordinate", "undecided": {"checkpoints": 2, "stepsBehind": 40},
                 "channels": [{"channel": "ema", "version": 9, "sealedAtMs": 1500}],
                 "baselinePin": {"promotion": 1, "attempts": 3, "lastError": "no answer", "done": false},
                 "orphanedTransactions": {"fencing": "", "repair": "ClusterAuthorizationException: no"}}"""))
                .contains(
                        "weir_undecided_checkpoints{model=\"m\",role=\"coordinate\"} 2.0",
                        "weir_undecided_steps{model=\"m\",role=\"coordinate\"} 40.0",
                        "weir_channel_version{channel=\"ema\",model=\"m\",role=\"coordinate\"} 9.0",
                        "weir_channel_sealed_timestamp_seconds{channel=\"ema\",model=\"m\",role=\"coordinate\"} 1.5",
                        "weir_baseline_pin_failing{model=\"m\",role=\"coordinate\"} 1.0",
                        "weir_fencing_failing{model=\"m\",role=\"coordinate\"} 0.0",
                        "weir_repair_failing{model=\"m\",role=\"coordinate\"} 1.0");
        assertThat(lines("""
                {"model": "m", "role": "compatibility", "gate": {"channels": ["ema"], "waiting": 1},
                 "baseline": {"channel": "ema", "version": 4, "evaluated": false}}"""))
                .contains(
                        "weir_baseline_version{channel=\"ema\",model=\"m\",role=\"compatibility\"} 4.0",
                        "weir_baseline_evaluated{channel=\"ema\",model=\"m\",role=\"compatibility\"} 0.0",
                        "weir_gate_waiting{model=\"m\",role=\"compatibility\"} 1.0");
    }

    @Test
    void oneTextHoldsAllModelsAndEveryFamilyIsDescribedOnce() throws Exception {
        List<String> lines = lines("{\"model\": \"a\", \"role\": \"merge\", \"records\": 1}", """
                {"model": "b", "role": "merge", "records": 2, "counters": {"odd\\"word\\n": 1}}""");
        assertThat(lines)
                .containsOnlyOnce("# TYPE weir_records_total counter")
                .contains("weir_records_total{model=\"a\",role=\"merge\"} 1.0")
                .contains("weir_records_total{model=\"b\",role=\"merge\"} 2.0");
        assertThat(lines)
                .filteredOn(line -> !line.startsWith("#"))
                .allMatch(line -> SAMPLE.matcher(line).matches());
    }

    @Test
    void aProcessThatSaysNothingHasNoSamplesButItsState() throws Exception {
        JsonNode silent = JSON.readTree("{\"model\": \"m\", \"role\": \"merge\", \"status\": null}");
        JsonNode process =
                JSON.readTree("{\"name\": \"merge\", \"model\": \"m\", \"state\": \"starting\", \"restarts\": 2}");
        String text = new String(PrometheusText.of(List.of(silent), List.of(process)), StandardCharsets.UTF_8);
        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "weir_process_restarts_total{model=\"m\",name=\"merge\"} 2.0",
                        "weir_process_running{model=\"m\",name=\"merge\"} 0.0");
    }

    private static List<String> lines(String... documents) throws Exception {
        List<JsonNode> all = new java.util.ArrayList<>();
        for (String document : documents) {
            all.add(JSON.readTree(document));
        }
        return new String(PrometheusText.of(all, List.of()), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
