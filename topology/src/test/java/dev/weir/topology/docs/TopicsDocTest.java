package dev.weir.topology.docs;

import static dev.weir.topology.docs.GeneratedPage.code;
import static dev.weir.topology.docs.GeneratedPage.row;

import dev.weir.schemas.topic.Cleanup;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.topic.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class TopicsDocTest {
    private static final int SPREAD = 7;

    @Test
    void thePageNamesEveryTopic() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Topics of a model

                Generated from `Topics.catalogue` by `TopicsDocTest`, for a model `MODEL`. P is what `--partitions` says when the
                model's first plan or `topics apply` comes (default 4), fixed for its life. `weir topics apply` makes those that
                are missing, with as many replicas as the brokers give by default; `weir topics verify` compares a broker with
                this list, and warns of a single replica or `min.insync.replicas` of 1; `weir topics apply --alter` alters settings
                that differ. There are no others, and none holds weights beside `deltas`, `merged` and `keyframes`.

                """);
        page.append(row("topic", "partitions", "cleanup", "key", "values", "further settings", "what for"))
                .append("|---|---|---|---|---|---|---|\n");
        for (TopicSpec topic : new Topics("model").catalogue(SPREAD)) {
            page.append(row(
                    code(topic.name().replace("model", "MODEL")),
                    topic.partitions() == SPREAD ? "P" : Integer.toString(topic.partitions()),
                    cleanup(topic),
                    records(List.of(topic.keyRecord())),
                    records(topic.valueRecords()),
                    topic.config().entrySet().stream()
                            .map(setting -> code(setting.getKey() + "=" + setting.getValue()))
                            .sorted()
                            .collect(Collectors.joining(", ")),
                    topic.purpose()));
        }
        GeneratedPage.assertUpToDate("topics.md", page.toString());
    }

    private static String cleanup(TopicSpec topic) {
        if (topic.cleanup() == Cleanup.COMPACT) {
            return "compact";
        }
        return topic.retentionMs() < 0
                ? "not by age"
                : Duration.ofMillis(topic.retentionMs()).toDays() + " days";
    }

    private static String records(List<String> names) {
        String joined = names.stream()
                .filter(name -> !name.isEmpty())
                .map(name -> code(name.substring(name.lastIndexOf('.') + 1)))
                .collect(Collectors.joining(", "));
        return joined.isEmpty() ? "a store's own bytes" : joined;
    }
}
