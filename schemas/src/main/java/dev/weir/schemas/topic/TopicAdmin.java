package dev.weir.schemas.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Brings a cluster's topics in line with a catalogue; one that exists is changed only by {@link #alter}, and none is deleted. */
public final class TopicAdmin {
    private static final Duration ANNOUNCED_WITHIN = Duration.ofSeconds(30);

    private final Admin admin;

    /**
     * Works through a client of the cluster, which stays open.
     *
     * @param admin the client
     */
    public TopicAdmin(Admin admin) {
        this.admin = admin;
    }

    /**
     * Creates the topics that are missing; those that somebody else creates at the same moment count as existing. Returns
     * when every partition has a leader that answers.
     *
     * @param specs what should be there
     * @param replication copies of every partition; -1: the broker's default
     * @return those that this call created
     */
    public List<TopicSpec> create(List<TopicSpec> specs, short replication) {
        List<TopicSpec> missing =
                specs.stream().filter(spec -> partitions(spec.name()) == 0).toList();
        CreateTopicsResult answers = admin.createTopics(
                missing.stream().map(spec -> topic(spec, replication)).toList());
        Map<String, KafkaFuture<Boolean>> done = new HashMap<>();
        answers.values().forEach((name, answer) -> done.put(name, answer.thenApply(nothing -> true)));
        List<TopicSpec> created = new ArrayList<>();
        for (TopicSpec spec : missing) {
            if (await("topic " + spec.name(), done.get(spec.name()), TopicExistsException.class)
                    .isPresent()) {
                created.add(spec);
            }
        }
        awaitLeaders(missing);
        return List.copyOf(created);
    }

    /**
     * Brokers announce a leader before it is one. A producer that sends at once has its first batch refused and may have
     * the next one taken, which an idempotent one never recovers from: it waits for the sequence that is gone.
     */
    private void awaitLeaders(List<TopicSpec> topics) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (TopicSpec topic : topics) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        String object = "leaders of the new topics";
        long deadline = System.nanoTime() + ANNOUNCED_WITHIN.toNanos();
        while (await(object, admin.listOffsets(ends).all(), UnknownTopicOrPartitionException.class)
                .isEmpty()) {
            // The controller has made it, and the broker that was asked has not heard of it.
            if (System.nanoTime() > deadline) {
                throw new KafkaException(object + ": not announced within " + ANNOUNCED_WITHIN.toSeconds()
                        + " s; next: check the cluster");
            }
            pause(object);
        }
    }

    private static void pause(String object) {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(object + ": interrupted while waiting for the cluster", e);
        }
    }

    /**
     * Compares the cluster with a catalogue.
     *
     * @param specs what should be there
     * @return one line a difference; empty when there is none
     */
    public List<String> verify(List<TopicSpec> specs) {
        List<String> differences = new ArrayList<>();
        for (TopicSpec spec : specs) {
            int partitions = partitions(spec.name());
            if (partitions == 0) {
                differences.add("topic " + spec.name() + ": missing; allowed: " + spec.partitions()
                        + " partitions; next: create it with weir topics apply");
                continue;
            }
            if (partitions != spec.partitions()) {
                differences.add("topic " + spec.name() + ": partitions " + partitions + "; allowed: "
                        + spec.partitions() + "; next: name that number, or begin a new model; it never changes");
            }
            deviations(spec).forEach(deviation -> differences.add(deviation.line(spec.name())));
        }
        return List.copyOf(differences);
    }

    /**
     * Gives topics that exist the settings of a catalogue. Their partitions, what they hold, and settings that the catalogue
     * does not name stay as they are.
     *
     * @param specs what should be there; topics that are missing are passed over
     * @return one line a setting that was changed; empty when there was none
     */
    public List<String> alter(List<TopicSpec> specs) {
        List<String> altered = new ArrayList<>();
        for (TopicSpec spec : specs) {
            List<Deviation> deviations = partitions(spec.name()) == 0 ? List.of() : deviations(spec);
            if (!deviations.isEmpty()) {
                ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, spec.name());
                List<AlterConfigOp> settings = deviations.stream()
                        .map(one ->
                                new AlterConfigOp(new ConfigEntry(one.setting, one.wanted), AlterConfigOp.OpType.SET))
                        .toList();
                await(
                        "topic " + spec.name(),
                        admin.incrementalAlterConfigs(Map.of(topic, settings))
                                .all()
                                .thenApply(nothing -> true),
                        null);
                deviations.forEach(one -> altered.add(
                        "topic " + spec.name() + ": " + one.setting + " from " + one.actual + " to " + one.wanted));
            }
        }
        return List.copyOf(altered);
    }

    /**
     * What is allowed, but loses a model with a broker's disk: the log is its only state.
     *
     * @param specs the catalogue; topics that are missing are passed over
     * @return one line for each kind of it, with its topics; empty when there is none
     */
    public List<String> warnings(List<TopicSpec> specs) {
        List<String> single = new ArrayList<>();
        List<String> unsure = new ArrayList<>();
        for (TopicSpec spec : specs) {
            int replicas = describe(spec.name())
                    .flatMap(topic -> topic.partitions().stream()
                            .map(partition -> partition.replicas().size())
                            .min(Integer::compare))
                    .orElse(0);
            if (replicas == 1) {
                single.add(spec.name());
            } else if (replicas > 1 && "1".equals(config(spec).get("min.insync.replicas"))) {
                unsure.add(spec.name());
            }
        }
        List<String> warnings = new ArrayList<>();
        if (!single.isEmpty()) {
            warnings.add("replication factor 1, a broker's disk is the only copy: " + String.join(", ", single)
                    + "; next: kafka-reassign-partitions, or make a model's topics with --replication 3");
        }
        if (!unsure.isEmpty()) {
            warnings.add("min.insync.replicas 1, what was acknowledged may be on one broker alone: "
                    + String.join(", ", unsure) + "; next: kafka-configs --alter --add-config min.insync.replicas=2");
        }
        return List.copyOf(warnings);
    }

    /**
     * Counts a topic's partitions.
     *
     * @param topic its full name
     * @return 0 if there is no such topic
     */
    public int partitions(String topic) {
        return describe(topic)
                .map(description -> description.partitions().size())
                .orElse(0);
    }

    private Optional<TopicDescription> describe(String topic) {
        return await(
                "topic " + topic,
                admin.describeTopics(List.of(topic)).topicNameValues().get(topic),
                UnknownTopicOrPartitionException.class);
    }

    private Map<String, String> config(TopicSpec spec) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, spec.name());
        Config config = await(
                        "topic " + spec.name(),
                        admin.describeConfigs(List.of(topic)).values().get(topic),
                        UnknownTopicOrPartitionException.class)
                .orElse(new Config(List.of()));
        Map<String, String> actual = new HashMap<>();
        for (ConfigEntry entry : config.entries()) {
            actual.put(entry.name(), String.valueOf(entry.value()));
        }
        return actual;
    }

    /** A setting of a topic that is not what the catalogue says. */
    private record Deviation(String setting, String actual, String wanted) {
        String line(String topic) {
            return "topic " + topic + ": " + setting + " " + actual + "; allowed: " + wanted
                    + "; next: weir topics apply --alter, or kafka-configs --alter --topic " + topic + " --add-config "
                    + setting + "=" + wanted;
        }
    }

    private List<Deviation> deviations(TopicSpec spec) {
        Map<String, String> actual = config(spec);
        List<Deviation> deviations = new ArrayList<>();
        spec.settings().forEach((setting, wanted) -> {
            if (!wanted.equals(actual.get(setting))) {
                deviations.add(new Deviation(setting, actual.getOrDefault(setting, "unknown"), wanted));
            }
        });
        return deviations;
    }

    private static NewTopic topic(TopicSpec spec, short replication) {
        return new NewTopic(
                        spec.name(),
                        Optional.of(spec.partitions()),
                        replication == -1 ? Optional.empty() : Optional.of(replication))
                .configs(spec.settings());
    }

    /** Waits for an answer; empty when there is none or it is the expected error. */
    private static <T> Optional<T> await(
            String object, @Nullable KafkaFuture<T> answer, @Nullable Class<? extends Exception> expected) {
        if (answer == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(answer.get());
        } catch (ExecutionException e) {
            if (expected != null && expected.isInstance(e.getCause())) {
                return Optional.empty();
            }
            throw new KafkaException(
                    object + ": " + e.getCause() + "; next: check the cluster and the client's rights", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(object + ": interrupted while waiting for the cluster", e);
        }
    }
}
