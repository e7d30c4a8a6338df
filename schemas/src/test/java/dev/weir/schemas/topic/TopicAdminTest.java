package dev.weir.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MockAdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicAdminTest {
    private final MockAdminClient cluster =
            new MockAdminClient.Builder().numBrokers(1).build();
    private final TopicAdmin topics = new TopicAdmin(cluster);
    private final Topics names = new Topics("gpt");
    private final List<TopicSpec> catalogue = names.catalogue(4);

    @BeforeEach
    void everyPartitionHasALeader() {
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (TopicSpec spec : catalogue) {
            for (int partition = 0; partition < spec.partitions(); partition++) {
                ends.put(new TopicPartition(spec.name(), partition), 0L);
            }
        }
        cluster.updateEndOffsets(ends);
    }

    @Test
    void onlyWhatIsMissingIsCreated() {
        cluster.createTopics(List.of(new NewTopic(names.runs(), 1, (short) 1)));

        assertThat(topics.create(catalogue, (short) 1))
                .hasSize(15)
                .noneMatch(spec -> spec.name().equals(names.runs()));
        assertThat(topics.create(catalogue, (short) 1)).isEmpty();
        assertThat(topics.partitions(names.deltas())).isEqualTo(4);
        assertThat(topics.partitions("nothing")).isZero();
    }

    @Test
    void aTopicThatTheBrokersDoNotAnnounceYetIsWaitedFor() {
        AtomicInteger looks = new AtomicInteger();
        MockAdminClient late = new MockAdminClient.Builder().numBrokers(1).build();
        Admin announcing = (Admin) Proxy.newProxyInstance(
                Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("listOffsets")) {
                        return method.invoke(late, arguments);
                    }
                    KafkaFutureImpl<ListOffsetsResultInfo> answer = new KafkaFutureImpl<>();
                    if (looks.incrementAndGet() < 3) {
                        answer.completeExceptionally(new UnknownTopicOrPartitionException("not yet"));
                    } else {
                        answer.complete(new ListOffsetsResultInfo(0, -1, Optional.empty()));
                    }
                    return new ListOffsetsResult(Map.of(new TopicPartition(names.runs(), 0), answer));
                });

        assertThat(new TopicAdmin(announcing).create(catalogue, (short) 1)).hasSize(16);
        assertThat(looks).hasValue(3);
    }

    @Test
    void aClusterAsItShouldBeHasNoDifferences() {
        topics.create(catalogue, (short) 1);

        assertThat(topics.verify(catalogue)).isEmpty();
    }

    @Test
    void settingsOfTopicsThatExistAreAlteredWhereTheyDifferAndNothingElseIs() throws Exception {
        topics.create(catalogue, (short) 1);
        ConfigResource deltas = new ConfigResource(ConfigResource.Type.TOPIC, names.deltas());
        cluster.incrementalAlterConfigs(Map.of(
                deltas,
                List.of(
                        new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET),
                        new AlterConfigOp(new ConfigEntry("min.insync.replicas", "2"), AlterConfigOp.OpType.SET))));
        assertThat(topics.verify(catalogue))
                .singleElement()
                .asString()
                .startsWith("topic gpt.deltas: retention.ms 1000; allowed: -1; next: weir topics apply --alter");

        assertThat(topics.alter(catalogue)).containsExactly("topic gpt.deltas: retention.ms from 1000 to -1");
        assertThat(topics.verify(catalogue)).isEmpty();
        assertThat(topics.alter(catalogue)).isEmpty();
        assertThat(Objects.requireNonNull(cluster.describeConfigs(List.of(deltas))
                                .values()
                                .get(deltas))
                        .get()
                        .get("min.insync.replicas")
                        .value())
                .isEqualTo("2");
        assertThat(topics.alter(new Topics("other").catalogue(4))).isEmpty();
    }

    @Test
    void oneReplicaIsAWarningAndNoDifference() {
        topics.create(catalogue, (short) 1);

        assertThat(topics.warnings(catalogue))
                .singleElement()
                .asString()
                .startsWith("replication factor 1, a broker's disk is the only copy: gpt.deltas, gpt.acks")
                .contains("--replication 3");
        assertThat(topics.warnings(new Topics("other").catalogue(4))).isEmpty();
    }

    @Test
    void severalReplicasOfWhichOneMayAcknowledgeAloneAreAWarning() {
        MockAdminClient three = new MockAdminClient.Builder().numBrokers(3).build();
        TopicSpec runs = catalogue.stream()
                .filter(spec -> spec.name().equals(names.runs()))
                .findFirst()
                .orElseThrow();
        three.updateEndOffsets(Map.of(new TopicPartition(names.runs(), 0), 0L));
        TopicAdmin replicated = new TopicAdmin(three);
        replicated.create(List.of(runs), (short) 3);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, names.runs());

        assertThat(warned(three, replicated, topic, runs, "1"))
                .singleElement()
                .asString()
                .startsWith("min.insync.replicas 1, what was acknowledged may be on one broker alone: gpt.runs");
        assertThat(warned(three, replicated, topic, runs, "2")).isEmpty();
    }

    private static List<String> warned(
            Admin cluster, TopicAdmin topics, ConfigResource topic, TopicSpec spec, String minimum) {
        AlterConfigOp set =
                new AlterConfigOp(new ConfigEntry("min.insync.replicas", minimum), AlterConfigOp.OpType.SET);
        cluster.incrementalAlterConfigs(Map.of(topic, List.of(set)));
        return topics.warnings(List.of(spec));
    }

    @Test
    void everyDifferenceIsALine() {
        cluster.createTopics(List.of(new NewTopic(names.deltas(), Optional.of(3), Optional.of((short) 1))
                .configs(catalogue.get(0).settings())));
        cluster.incrementalAlterConfigs(Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, names.deltas()),
                List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET))));

        List<String> differences = topics.verify(catalogue);

        assertThat(differences).hasSize(17);
        assertThat(differences).anyMatch(line -> line.startsWith("topic gpt.deltas: partitions 3; allowed: 4"));
        assertThat(differences).anyMatch(line -> line.startsWith("topic gpt.deltas: retention.ms 1000; allowed: -1"));
        assertThat(differences).filteredOn(line -> line.contains(": missing")).hasSize(15);
    }
}
