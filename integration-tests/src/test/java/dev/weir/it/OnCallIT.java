package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.promote.Promotions;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Subject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever is on call looks at, of real processes: readiness, status, metrics, dead letters. */
final class OnCallIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final byte[] NO_AVRO = "no Avro".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    private static Path dir;

    private static UpProcess up;
    private static Model model;

    @BeforeAll
    static void fill() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        assertThat(up.get("/ready").statusCode()).as("without a model").isEqualTo(200);
        model = Model.apply(
                up,
                "m",
                Model.ema(0.9),
                "{name: mix, operator: bcwi, settings: {from: ema-0.9, new-weight: 0.5}}\n"
                        + "gate: {channels: [mix], max-nfr: 0.02, min-accuracy: 0.5}");
        try (Publisher publisher = model.publisher("r", Weights.random(Weights.SMALL, 0))) {
            for (long step = 1; step <= 3; step++) {
                publisher.publish(step * 10, Weights.random(Weights.SMALL, step).source());
            }
        }
        try (Promotions promotions = Promotions.open(model.connection(), "m")) {
            promotions.promote(new Subject("ema-0.9", 1L), "me", "first", LIMIT);
        }
        Properties settings = new Properties();
        settings.putAll(Map.of("bootstrap.servers", up.bootstrap()));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(model.topics().deltas(), 0, new byte[] {1}, NO_AVRO))
                    .get();
        }
    }

    @AfterAll
    static void stop() {
        model.close();
        up.close();
    }

    @Test
    void allIsReadyOnceEveryApplicationRuns() throws Exception {
        until(() -> up.get("/ready").statusCode() == 200);
        JsonNode ready = JSON.readTree(up.get("/ready").body());
        assertThat(ready.path("ready").asBoolean()).isTrue();
        assertThat(ready.path("applications")).hasSize(3);
    }

    @Test
    void theStatusSaysWhatWaitsAndWhatIsInService() throws Exception {
        until(() -> application("coordinate").path("baselinePin").path("done").asBoolean());
        JsonNode coordinate = application("coordinate");
        assertThat(coordinate.path("undecided").toString()).isEqualTo("{\"checkpoints\":0,\"stepsBehind\":0}");
        JsonNode ema = coordinate.path("channels").path(0);
        assertThat(ema.path("version").asLong()).isEqualTo(3);
        assertThat(ema.path("sealedAtMs").asLong())
                .isBetween(System.currentTimeMillis() - 600_000, System.currentTimeMillis());
        assertThat(coordinate.path("baselinePin").path("attempts").asInt()).isPositive();
        assertThat(coordinate.path("orphanedTransactions").toString()).isEqualTo("{\"fencing\":\"\",\"repair\":\"\"}");
        JsonNode compatibility = application("compatibility");
        assertThat(compatibility.path("baseline").path("version").asLong()).isEqualTo(1);
        assertThat(compatibility.path("baseline").path("evaluated").asBoolean()).isFalse();
        assertThat(compatibility.path("gate").path("channels").path(0).asText()).isEqualTo("mix");
        assertThat(application("merge").path("lagRecords").path("m.deltas-0").isNumber())
                .as(() -> application("merge").toString())
                .isTrue();
        until(() -> application("merge").path("lagRecords").path("m.deltas-0").asLong() == 0);
    }

    @Test
    void peopleSeeItInOneTableAnApplication() throws Exception {
        until(() -> up.weir("status").succeeded().out().contains("in service: ema-0.9 version 1, not evaluated"));
        assertThat(up.weir("status").out())
                .containsPattern("m +ema-0.9 +3 +20..-..-..T..:..:..Z")
                .containsPattern("m +coordinate +accepted +[34]");
    }

    @Test
    void metricsAreThereForAllModelsAndForOneApplication() throws Exception {
        until(() -> up.get("/metrics").body().contains("weir_ready{model=\"m\",role=\"merge\"} 1.0"));
        String all = up.get("/metrics").body();
        assertThat(up.get("/metrics").headers().firstValue("Content-Type"))
                .hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(all)
                .contains("weir_channel_version{channel=\"ema-0.9\",model=\"m\",role=\"coordinate\"} 3.0")
                .contains("weir_events_total{counter=\"accepted\",model=\"m\",role=\"coordinate\"}")
                .contains("weir_lag_records{model=\"m\",partition=\"0\",role=\"merge\",topic=\"m.deltas\"}")
                .contains("weir_process_running{model=\"\",name=\"broker\"} 1.0");
    }

    @Test
    void whatCouldNotBeUsedIsShownWithItsPlaceAndItsHead() throws Exception {
        List<String> words = List.of("inspect", "--model", "m", "--dead-letters", "--since", "1h");
        until(() -> up.weir(words.toArray(String[]::new)).succeeded().out().contains("1 records could not be used"));
        assertThat(up.weir(words.toArray(String[]::new)).out())
                .contains("  not-avro  m.deltas-0 offset ", HexFormat.of().formatHex(NO_AVRO));
        JsonNode letters = up.weir("inspect", "--model", "m", "--dead-letters", "--json")
                .succeeded()
                .json();
        assertThat(letters).hasSize(1);
        assertThat(letters.path(0).path("reason").asText()).isEqualTo("not-avro");
        assertThat(letters.path(0).path("head").asText())
                .isEqualTo(HexFormat.of().formatHex(NO_AVRO));
        assertThat(up.weir("inspect", "--model", "m", "--dead-letters", "--since", "1ms")
                        .succeeded()
                        .out())
                .startsWith("0 records");
    }

    private static final com.fasterxml.jackson.databind.ObjectMapper JSON =
            new com.fasterxml.jackson.databind.ObjectMapper();

    private static JsonNode application(String role) {
        try {
            return up.application("m", role);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        UpProcess.await(LIMIT, () -> {
            try {
                return condition.call();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
