package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that retention has cut is an error that says so, never a silent skip. */
final class RetentionIT {

    @TempDir
    private Path data;

    @Test
    void aCutLogEndsMergeWithTheOffsetsThatAreGone() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        try (UpProcess up = UpProcess.start(data, Ports.free()).awaitReady();
                Broker broker = Broker.of(up);
                Model model = Model.apply(up, "cut", Model.ema(0.9))) {
            try (Publisher publisher = model.publisher("run-1", weights)) {
                for (int step = 1; step <= 5; step++) {
                    assertThat(publisher.publish(step, weights.source())).isInstanceOf(Outcome.Accepted.class);
                }
            }
            TopicPartition cut = new TopicPartition(model.topics().deltas(), 2);
            Broker.get(broker.admin()
                    .deleteRecords(Map.of(cut, RecordsToDelete.beforeOffset(7)))
                    .all());
            Cli.Result replay = up.weir("replay", "--model", "cut", "--verify");
            assertThat(replay.exit()).isEqualTo(1);
            assertSaysWhatIsGone(replay.err());

            int versions = model.digests("ema-0.9").size();
            up.child("merge").destroyForcibly();
            assertSaysWhatIsGone(up.awaitFailure("merge", "cut"));
            assertSaysWhatIsGone(up.stderr().lines().toList().getLast());
            assertThat(up.healthy()).isFalse();
            assertThat(up.child("broker").isAlive()).isTrue();
            assertThat(versions).isEqualTo(5);
        }
    }

    private static void assertSaysWhatIsGone(String said) {
        assertThat(said).contains("cut.deltas-2", "offsets 0 to 6", "retention.ms");
    }
}
