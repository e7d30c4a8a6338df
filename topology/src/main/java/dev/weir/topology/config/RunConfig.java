package dev.weir.topology.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one application process runs.
 *
 * @param model name of the model
 * @param role merge, coordinate or compatibility
 * @param bootstrap host:port of Kafka's brokers, joined by commas
 * @param registry URL of the schema registry
 * @param httpPort port of health and status on httpHost; 0: any free one
 * @param httpHost address that health and status listen on
 * @param data folder for the little that Streams keeps on disk
 * @param threads stream threads, 1 to 256; partitions are shared among them
 * @param instanceId name by which a restarted process is known again, so that no session timeout passes; null: none
 * @param sessionTimeoutMs after so long without a heartbeat another instance takes over
 * @param transactionTimeoutMs after so long the broker ends a dead instance's transaction
 * @param commitIntervalMs longest time between commits; decisions and snapshots are committed at once
 * @param checkpointTimeoutMs a checkpoint that is not complete so long after its first record is given up
 * @param keyframeDecisions decisions over which a keyframe is spread
 * @param keyframeBytes bytes of deltas in a partition that complete a keyframe, too; 0: no limit
 * @param stagingBytes of undecided checkpoints that a partition holds off the heap
 * @param deltasRetentionMs records of deltas that no keyframe needs are deleted when they are so old; -1: never
 * @param client further settings of Kafka's clients, such as SASL and TLS
 */
public record RunConfig(
        String model,
        Role role,
        String bootstrap,
        String registry,
        int httpPort,
        String httpHost,
        String data,
        int threads,
        @Nullable String instanceId,
        int sessionTimeoutMs,
        int transactionTimeoutMs,
        int commitIntervalMs,
        long checkpointTimeoutMs,
        int keyframeDecisions,
        long keyframeBytes,
        long stagingBytes,
        long deltasRetentionMs,
        Map<String, String> client) {
    /** Which of the three applications. */
    public enum Role {
        MERGE,
        COORDINATE,
        COMPATIBILITY
    }

    public RunConfig {
        ConfigKey.HTTP_PORT.check(httpPort);
        ConfigKey.THREADS.check(threads);
        ConfigKey.SESSION_TIMEOUT_MS.check(sessionTimeoutMs);
        ConfigKey.TRANSACTION_TIMEOUT_MS.check(transactionTimeoutMs);
        ConfigKey.COMMIT_INTERVAL_MS.check(commitIntervalMs);
        ConfigKey.CHECKPOINT_TIMEOUT_MS.check(checkpointTimeoutMs);
        ConfigKey.KEYFRAME_DECISIONS.check(keyframeDecisions);
        ConfigKey.KEYFRAME_BYTES.check(keyframeBytes);
        ConfigKey.STAGING_BYTES.check(stagingBytes);
        ConfigKey.DELTAS_RETENTION_MS.check(deltasRetentionMs);
        client = Map.copyOf(client);
    }
}
