package dev.weir.clients.publish;

import dev.weir.schemas.tensor.Layout;
import java.util.Map;

/** How a publisher's Kafka producer is set. */
final class ProducerSettings {

    /** What a record has beside its payload, with room to spare. */
    private static final int HEAD_BYTES = 64 * 1024;

    private static final int MEBIBYTE = 1024 * 1024;

    private ProducerSettings() {}

    static Map<String, Object> tuning(Layout layout) {
        int chunkBytes = (int) Math.min(4L * layout.chunkElements(), Layout.CHUNK_ELEMENTS * 4L);
        return Map.of(
                // Above a chunk and what the topics allow, so that the broker, not the client, has the last word.
                "max.request.size",
                4 * MEBIBYTE,
                // One chunk and its head: the pool recycles only buffers of exactly this size.
                "batch.size",
                chunkBytes + HEAD_BYTES,
                // A chunk fills its batch; waiting for company would only delay the last records of a transaction.
                "linger.ms",
                0,
                // One transaction: the next chunks are read while the ones before are on their way.
                "buffer.memory",
                (long) Transactions.MAX_BYTES,
                // Weights do not compress, and the broker would have to decompress them to check them.
                "compression.type",
                "none");
    }

    static Map<String, Object> required(String model, String run) {
        return Map.of(
                // One id a run: a newer publisher fences this one at the broker. No name has a slash.
                "transactional.id",
                "weir/" + model + "/" + run,
                // Three times what a transaction may stay open; a dead publisher hides nobody's records for longer.
                "transaction.timeout.ms",
                15_000,
                // A checkpoint that was acknowledged must survive a broker.
                "acks",
                "all",
                // No chunk twice by a retry; transactions demand it.
                "enable.idempotence",
                true);
    }
}
