package dev.weir.topology.status;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The figures of status documents in the text format that Prometheus reads. What a document lacks has no sample. */
public final class PrometheusText {
    /** For the answer's header. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Map<String, GaugeSnapshot.Builder> gauges = new TreeMap<>();
    private final Map<String, CounterSnapshot.Builder> counters = new TreeMap<>();

    private PrometheusText() {}

    /**
     * One text of all documents.
     *
     * @param applications status documents, each with {@code model} and {@code role}, which become labels
     * @param processes of {@code weir up}, each with {@code name}, {@code state} and {@code restarts}; may be empty
     */
    public static byte[] of(Iterable<JsonNode> applications, Iterable<JsonNode> processes) {
        PrometheusText text = new PrometheusText();
        applications.forEach(text::application);
        processes.forEach(text::process);
        List<MetricSnapshot> all = new ArrayList<>();
        text.gauges.values().forEach(gauge -> all.add(gauge.build()));
        text.counters.values().forEach(counter -> all.add(counter.build()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(all));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private void application(JsonNode status) {
        Labels labels = Labels.of(
                "model",
                status.path("model").asText(),
                "role",
                status.path("role").asText());
        gauge("weir_ready", "1 where records are processed as they come.", status.path("ready"), 1, labels);
        gauge("weir_heap_peak_bytes", "Most heap used at once.", status.path("heapPeakBytes"), 1, labels);
        gauge("weir_heap_max_bytes", "Most heap that may be used.", status.path("heapMaxBytes"), 1, labels);
        gauge("weir_state_bytes", "Averages and undecided checkpoints.", status.path("stateBytes"), 1, labels);
        gauge("weir_received_bytes", "Payloads that wait off the heap.", status.path("receivedBytes"), 1, labels);
        gauge("weir_partitions", "Partitions that this process has.", status.path("partitions"), 1, labels);
        gauge("weir_longest_fold_seconds", "Longest for one record.", status.path("longestFoldMs"), 1e-3, labels);
        counter("weir_records", "Records folded as they came.", status.path("records"), labels);
        counter("weir_folded_again", "Records folded to restore state.", status.path("foldedAgain"), labels);
        for (Map.Entry<String, JsonNode> counter : status.path("counters").properties()) {
            counter(
                    "weir_events",
                    "See docs/counters.md.",
                    counter.getValue(),
                    labels.add("counter", counter.getKey()));
        }
        for (Map.Entry<String, JsonNode> lag : status.path("lagRecords").properties()) {
            int dash = lag.getKey().lastIndexOf('-');
            Labels partition = labels.merge(Labels.of(
                    "topic",
                    lag.getKey().substring(0, dash),
                    "partition",
                    lag.getKey().substring(dash + 1)));
            gauge("weir_lag_records", "Records of a partition that are yet to be read.", lag.getValue(), 1, partition);
        }
        for (JsonNode channel : status.path("channels")) {
            Labels of = labels.add("channel", channel.path("channel").asText());
            gauge("weir_channel_version", "Newest complete version.", channel.path("version"), 1, of);
            gauge(
                    "weir_channel_sealed_timestamp_seconds",
                    "When it was completed, in Unix time; 0: not known.",
                    channel.path("sealedAtMs"),
                    1e-3,
                    of);
        }
        JsonNode undecided = status.path("undecided");
        gauge("weir_undecided_checkpoints", "Checkpoints that wait.", undecided.path("checkpoints"), 1, labels);
        gauge("weir_undecided_steps", "Steps before what is accepted.", undecided.path("stepsBehind"), 1, labels);
        JsonNode latency = status.path("latencyMs");
        gauge("weir_snapshot_latency_seconds", "Of the newest version.", latency.path("last"), 1e-3, labels);
        gauge("weir_snapshot_latency_max_seconds", "Of all versions.", latency.path("max"), 1e-3, labels);
        counter("weir_snapshots", "Versions completed.", latency.path("count"), labels);
        JsonNode baseline = status.path("baseline");
        if (baseline.isObject()) {
            Labels of = labels.add("channel", baseline.path("channel").asText());
            gauge("weir_baseline_version", "Version in service.", baseline.path("version"), 1, of);
            gauge("weir_baseline_evaluated", "1: its evaluation is complete.", baseline.path("evaluated"), 1, of);
        }
        gauge("weir_gate_waiting", "Candidates that wait.", status.path("gate").path("waiting"), 1, labels);
        JsonNode pin = status.path("baselinePin");
        gauge("weir_baseline_pin_attempts", "Of the newest baseline.", pin.path("attempts"), 1, labels);
        failing("weir_baseline_pin_failing", "1: the newest attempt failed.", pin.path("lastError"), labels);
        JsonNode orphans = status.path("orphanedTransactions");
        failing("weir_fencing_failing", "1: dead instances are not fenced.", orphans.path("fencing"), labels);
        failing("weir_repair_failing", "1: hanging transactions stay.", orphans.path("repair"), labels);
    }

    private void process(JsonNode process) {
        Labels labels = Labels.of(
                "name",
                process.path("name").asText(),
                "model",
                process.path("model").asText(""));
        boolean runs = process.path("state").asText().equals("running");
        point("weir_process_running", "1 where it runs.", runs ? 1 : 0, labels);
        counter("weir_process_restarts", "How often it was started again.", process.path("restarts"), labels);
    }

    /** 1 for any text, 0 for none. */
    private void failing(String name, String help, JsonNode reason, Labels labels) {
        if (reason.isTextual()) {
            point(name, help, reason.asText().isEmpty() ? 0 : 1, labels);
        }
    }

    private void gauge(String name, String help, JsonNode value, double unit, Labels labels) {
        if (value.isNumber() || value.isBoolean()) {
            point(name, help, value.isBoolean() ? (value.asBoolean() ? 1 : 0) : value.asDouble() * unit, labels);
        }
    }

    private void point(String name, String help, double value, Labels labels) {
        gauges.computeIfAbsent(name, key -> GaugeSnapshot.builder().name(key).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value(value)
                        .labels(labels)
                        .build());
    }

    private void counter(String name, String help, JsonNode value, Labels labels) {
        if (value.isNumber()) {
            counters.computeIfAbsent(
                            name, key -> CounterSnapshot.builder().name(key).help(help))
                    .dataPoint(CounterDataPointSnapshot.builder()
                            .value(value.asDouble())
                            .labels(labels)
                            .build());
        }
    }
}
