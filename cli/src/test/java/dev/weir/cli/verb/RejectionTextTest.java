package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class RejectionTextTest {

    private static final Path TOPOLOGY = Path.of("../topology/src/main/java/dev/weir/topology");

    /** Where checkpoints are refused, and how a reason begins there. */
    private static final List<String> FILES = List.of(
            "merge/ChunkIntake.java",
            "merge/Staging.java",
            "coordinate/Refusals.java",
            "coordinate/LayoutBook.java",
            "coordinate/Coordinator.java");

    private static final Pattern REASON =
            Pattern.compile("(?:Refused|fail|Refusal|abort|return)\\s*\\(?[^;\"]*\"([a-z]+(?:-[a-z]+)*): ");

    @Test
    void everyReasonThatACheckpointCanBeRejectedForHasANextStep() throws IOException {
        Set<String> words = new TreeSet<>();
        for (String file : FILES) {
            REASON.matcher(Files.readString(TOPOLOGY.resolve(file)))
                    .results()
                    .forEach(found -> words.add(found.group(1)));
        }
        assertThat(words)
                .contains(
                        "stale-step", "conflict", "non-finite", "layout", "timeout", "companion", "incomplete", "base")
                .allMatch(RejectionText::knows);
    }

    @Test
    void theNextStepFollowsFromTheFirstWord() {
        assertThat(RejectionText.next("stale-step: run r is at step 7 already; steps of a run grow"))
                .isEqualTo("publish it with a later --step, or under a new --run");
        assertThat(RejectionText.next("conflict: step 7")).contains("--run");
        assertThat(RejectionText.next("something newer: x")).contains("weir status");
    }
}
