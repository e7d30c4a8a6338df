package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;

/** Where a run was when its last publisher ended. */
public final class RunLog {

    private RunLog() {}

    /**
     * The newest step that was accepted or rejected, as far as {@code MODEL.decisions} reaches back, which is seven days by
     * default. A checkpoint that came to no decision of its own, because it took too long or its publisher was superseded,
     * does not count, nor does one that a publisher sends once more.
     *
     * @return -1 where no decision is kept
     * @throws ClientException if Kafka or the registry fail
     */
    public static long decidedStep(Connection connection, String model, String run) {
        Topics topics = Connection.topics(model);
        Resources resources = new Resources();
        try {
            Consumer<byte[], byte[]> committed = connection.consumer("read_committed", Map.of());
            LogReader decisions = resources.add(new LogReader(committed, topics.decisions(), connection));
            connection.partitionsOf(model, committed);
            RecordCodec codec = resources.add(connection.registryForReading()).codec();
            long[] newest = {-1};
            decisions.read(decisions.begin(), decisions.end(), found -> {
                if (found.value() != null) {
                    try {
                        if (codec.read(found.value(), found.headers(), false) instanceof Decision decision
                                && decision.getRun().equals(run)
                                && decision.getVerdict() != Verdict.ABORT
                                && !Publisher.isSentAgain(decision.getReason())) {
                            newest[0] = Math.max(newest[0], decision.getStep());
                        }
                    } catch (BadRecordException foreign) {
                        return;
                    }
                }
            });
            return newest[0];
        } catch (KafkaException e) {
            throw ClientException.ofKafka("run " + run, connection.bootstrap(), e);
        } finally {
            resources.close();
        }
    }

    /**
     * The newest epoch that any publisher of the run opened.
     *
     * @return 0 where there was none
     * @throws ClientException if Kafka or the registry fail
     */
    public static long epoch(Connection connection, String model, String run) {
        return opened(connection, model, run).number();
    }

    /**
     * When that was, by its record; milliseconds since 1970.
     *
     * @return -1 where there was none
     * @throws ClientException if Kafka or the registry fail
     */
    public static long openedMs(Connection connection, String model, String run) {
        return opened(connection, model, run).timestampMs();
    }

    private static Epoch.Opened opened(Connection connection, String model, String run) {
        Resources resources = new Resources();
        try {
            LogReader runs = resources.add(new LogReader(
                    connection.consumer("read_uncommitted", Map.of()),
                    Connection.topics(model).runs(),
                    connection));
            return Epoch.newest(
                    runs, resources.add(connection.registryForReading()).codec(), run);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("run " + run, connection.bootstrap(), e);
        } finally {
            resources.close();
        }
    }
}
