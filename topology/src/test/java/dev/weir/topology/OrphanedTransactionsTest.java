package dev.weir.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

final class OrphanedTransactionsTest {
    private static final String PROCESS = "1b4e28ba-2fa1-31d2-883f-0016d3cca427";

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    /** A broker that refuses everything. */
    private final Admin refusing = (Admin) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Admin.class}, (self, method, arguments) -> {
                asked.add(method.getName());
                throw method.getName().equals("listTransactions")
                        ? new ClusterAuthorizationException("not you")
                        : new TopicAuthorizationException("nor these");
            });

    @Test
    void aRefusedLookKeepsTheOtherFromNothingAndIsSaid() {
        try (OrphanedTransactions orphaned = new OrphanedTransactions(refusing, List.of("weir-m-merge"), List.of())) {
            assertThat(orphaned.health()).isEqualTo(new OrphanedTransactions.Health("", ""));
            orphaned.look();
            assertThat(asked).contains("listTransactions", "listOffsets");
            assertThat(orphaned.health())
                    .isEqualTo(new OrphanedTransactions.Health(
                            "ClusterAuthorizationException: not you", "TopicAuthorizationException: nor these"));
        }
    }

    @Test
    void aThreadsTransactionBelongsToItsGroup() {
        assertThat(OrphanedTransactions.belongs("weir-x-merge-" + PROCESS + "-12", "weir-x-merge"))
                .isTrue();
    }

    @Test
    void thoseOfAModelWhoseNameBeginsLikeAnothersGroupDoNot() {
        assertThat(OrphanedTransactions.belongs("weir-x-merge-y-merge-" + PROCESS + "-1", "weir-x-merge"))
                .isFalse();
    }

    @Test
    void anythingElseThatBeginsLikeAGroupDoesNot() {
        assertThat(OrphanedTransactions.belongs("weir-x-merge-of-somebody", "weir-x-merge"))
                .isFalse();
    }
}
