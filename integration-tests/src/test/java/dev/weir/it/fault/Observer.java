package dev.weir.it.fault;

import dev.weir.it.fault.Fault.Role;
import dev.weir.it.fixture.Broker;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** What the brokers say of a model's instances. */
final class Observer implements AutoCloseable {
    private final Admin admin;
    private final Topics topics;
    private final List<TopicPartition> written;

    Observer(Cluster cluster, String model, int partitions) {
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
        topics = new Topics(model);
        written = topics.catalogue(partitions).stream()
                .flatMap(topic -> IntStream.range(0, topic.partitions()).mapToObj(p -> partition(topic, p)))
                .toList();
    }

    /** Partitions of its source that an instance works on; for coordinate, of the acknowledgements. */
    Set<Integer> partitions(Instance instance) throws Exception {
        String source = instance.role() == Role.MERGE ? topics.deltas() : topics.acks();
        return members(instance.role()).stream()
                .filter(member -> member.groupInstanceId().orElse("").startsWith(instance.name() + "-"))
                .flatMap(member -> member.assignment().topicPartitions().stream())
                .filter(partition -> partition.topic().equals(source))
                .map(TopicPartition::partition)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Where an instance's transactions are open, by partition: the first offset there. Empty: it has none. One that holds
     * offsets alone is open in {@code __consumer_offsets}.
     */
    Map<String, Long> openTransaction(Instance instance) throws Exception {
        ListTransactionsOptions ongoing = new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
        List<String> ids = listed(ongoing).stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.startsWith(processId(instance)))
                .toList();
        Map<String, Long> open = new TreeMap<>();
        for (TransactionDescription transaction :
                get(admin.describeTransactions(ids).all()).values()) {
            get(admin.describeProducers(transaction.topicPartitions()).all())
                    .forEach((partition, states) -> states.activeProducers().stream()
                            .filter(state -> state.producerId() == transaction.producerId())
                            .forEach(state -> state.currentTransactionStartOffset()
                                    .ifPresent(offset -> open.merge(partition.toString(), offset, Math::min))));
        }
        return open;
    }

    /** Kafka's client fails with an argument of its own where a broker goes while it is asked (4.3.1); then it is asked again. */
    private Collection<TransactionListing> listed(ListTransactionsOptions which) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return get(admin.listTransactions(which).all());
            } catch (ExecutionException failed) {
                if (attempt == 10 || !(failed.getCause() instanceof IllegalArgumentException)) {
                    throw failed;
                }
                Thread.sleep(500);
            }
        }
    }

    /** The ends of a topic's partitions, whatever is committed. */
    Map<Integer, Long> ends(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        written.stream()
                .filter(partition -> partition.topic().equals(topic))
                .forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<Integer, Long> ends = new TreeMap<>();
        get(admin.listOffsets(latest).all())
                .forEach((partition, info) -> ends.put(partition.partition(), info.offset()));
        return ends;
    }

    @Override
    public void close() {
        admin.close();
    }

    private java.util.Collection<MemberDescription> members(Role role) throws Exception {
        String group = application(role);
        return get(admin.describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group))
                .members();
    }

    private String application(Role role) {
        return role == Role.MERGE ? topics.mergeApplicationId() : topics.coordinateApplicationId();
    }

    /** A named instance's transactions begin with this, on whatever disk it runs. */
    private String processId(Instance instance) {
        String application = application(instance.role());
        return application + "-"
                + UUID.nameUUIDFromBytes((application + "/" + instance.name()).getBytes(StandardCharsets.UTF_8));
    }

    private static TopicPartition partition(TopicSpec topic, int partition) {
        return new TopicPartition(topic.name(), partition);
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return Broker.get(future);
    }
}
