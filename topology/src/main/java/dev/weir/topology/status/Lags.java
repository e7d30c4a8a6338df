package dev.weir.topology.status;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** How many records of its topics an application has yet to read. */
public final class Lags {
    private Lags() {}

    /**
     * By partition, such as {@code mnist.deltas-3}: visible records that its consumer had not handed over when it last heard
     * from the broker. A partition of which nothing was read since it was given to this process has none yet.
     *
     * @param metrics of Kafka Streams
     * @param model whose topics
     */
    public static Map<String, Long> of(Map<MetricName, ? extends Metric> metrics, String model) {
        Map<String, Long> lags = new TreeMap<>();
        metrics.forEach((name, metric) -> {
            Map<String, String> tags = name.tags();
            String topic = tags.getOrDefault("topic", "");
            if (name.name().equals("records-lag")
                    // Names with underscores for dots are there beside them.
                    && topic.startsWith(model + ".")
                    && !tags.getOrDefault("client-id", "").endsWith("-restore-consumer")
                    && metric.metricValue() instanceof Double records
                    && !records.isNaN()) {
                lags.put(topic + "-" + tags.get("partition"), records.longValue());
            }
        });
        return lags;
    }
}
