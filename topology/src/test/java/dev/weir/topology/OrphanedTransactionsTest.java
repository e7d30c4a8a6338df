package dev.weir.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whose transactions are looked after. */
final class OrphanedTransactionsTest {
    private static final String PROCESS = "1b4e28ba-2fa1-31d2-883f-0016d3cca427";

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
