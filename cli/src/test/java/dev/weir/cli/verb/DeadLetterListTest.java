package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Dead letters as people see them. */
final class DeadLetterListTest {
    @Test
    void whatSomebodyWroteIntoARecordDoesNotControlTheTerminal() {
        assertThat(DeadLetterList.shown("id \u001b[2J\u202e\r\nnext")).isEqualTo("id ?[2J???next");
    }
}
