package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The records of a model that could not be used, as its dead-letter topic has them, the oldest first. */
final class DeadLetterList {
    /** Bytes of a record that a line for people shows; documents have all that was kept. */
    private static final int SHOWN_BYTES = 32;

    private final ArrayNode letters = Json.object().putArray("deadLetters");
    private final long sinceMs;

    private DeadLetterList(long sinceMs) {
        this.sinceMs = sinceMs;
    }

    /**
     * Reads the topic to its end.
     *
     * @param sinceMs oldest time of a record, in milliseconds of Unix time
     */
    static ArrayNode read(Connection connection, String model, long sinceMs) {
        DeadLetterList list = new DeadLetterList(sinceMs);
        try (Registry registry = connection.registryForReading();
                LogReader log = new LogReader(
                        connection.consumer("read_committed", Map.of()),
                        Connection.topics(model).dlq(),
                        connection)) {
            RecordCodec codec = registry.codec();
            log.read(log.begin(), log.end(), found -> list.add(found, codec));
        }
        return list.letters;
    }

    static void print(ArrayNode letters, PrintWriter out) {
        letters.forEach(letter -> {
            out.printf(
                    "%s  %s  %s-%d offset %d%n    %s%n",
                    letter.path("time").asText(),
                    letter.path("reason").asText(),
                    letter.path("topic").asText(),
                    letter.path("partition").asInt(),
                    letter.path("offset").asLong(),
                    letter.path("detail").asText());
            String head = letter.path("head").asText();
            if (!head.isEmpty()) {
                boolean cut = head.length() > 2 * SHOWN_BYTES;
                out.printf("    %s%s%n", cut ? head.substring(0, 2 * SHOWN_BYTES) : head, cut ? "..." : "");
            }
        });
        out.printf("%d records could not be used%n", letters.size());
    }

    private void add(ConsumerRecord<byte[], byte[]> found, RecordCodec codec) {
        if (found.timestamp() < sinceMs) {
            return;
        }
        ObjectNode letter = letters.addObject()
                .put("time", Instant.ofEpochMilli(found.timestamp()).toString());
        try {
            DeadLetter said = codec.read(found.value(), DeadLetter.class);
            ByteBuffer head = said.getHead().duplicate();
            byte[] bytes = new byte[head.remaining()];
            head.get(bytes);
            letter.put("reason", said.getReason())
                    .put("detail", said.getDetail())
                    .put("topic", said.getTopic())
                    .put("partition", said.getPartition())
                    .put("offset", said.getOffset())
                    .put("head", HexFormat.of().formatHex(bytes));
        } catch (BadRecordException foreign) {
            letter.put("reason", "no-dead-letter")
                    .put("detail", String.valueOf(foreign.getMessage()))
                    .put("topic", found.topic())
                    .put("partition", found.partition())
                    .put("offset", found.offset())
                    .put("head", "");
        }
    }
}
