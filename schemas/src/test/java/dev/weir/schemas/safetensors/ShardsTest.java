package dev.weir.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.schemas.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardsTest {

    @TempDir
    Path folder;

    @BeforeEach
    void twoShards() {
        shard("one.safetensors", "b", 11);
        shard("two.safetensors", "a", 22);
    }

    @Test
    void aShardedModelIsReadThroughItsIndex() {
        Path index = index("{\"metadata\":{\"total_size\":2,\"deep\":{\"x\":[1]}},\"weight_map\":"
                + "{\"b\":\"one.safetensors\",\"a\":\"two.safetensors\"},\"other\":[{}]}");
        for (Path path : new Path[] {folder, index}) {
            try (SafetensorsFile model = SafetensorsFile.open(path)) {
                assertThat(model.path()).isEqualTo(index);
                assertThat(model.layout().tensors())
                        .extracting(TensorSpec::name)
                        .containsExactly("a", "b");
                assertThat(model.metadata())
                        .containsEntry("total_size", "2")
                        .containsEntry("format", "pt")
                        .hasSize(2);
                assertThat(model.read(model.layout().chunk(0)).get()).isEqualTo((byte) 22);
                assertThat(model.read(model.layout().chunk(1)).get()).isEqualTo((byte) 11);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'b':'one.safetensors','a':'three.safetensors'}             | a | the shard is missing",
                "{'b':'one.safetensors','a':'two.safetensors','c':'two.safetensors'} | c | the shard lacks the tensor",
                "{'b':'one.safetensors','a':'one.safetensors'}               | a | the shard lacks the tensor",
                "{'b':'one.safetensors','a':'two.safetensors','a':'one.safetensors'} | a | Duplicate field 'a'",
                "{'b':'one.safetensors','c':'two.safetensors'}               | a | does not name",
                "{'b':'two.safetensors','a':'one.safetensors'}               | a | places in another",
                "{'b':'one.safetensors','a':'../two.safetensors'}            | a | shard ../two.safetensors lies outside",
                "{'b':'one.safetensors','a':'x/../../two.safetensors'}       | a | lies outside",
                "{'b':'one.safetensors','a':'/two.safetensors'}              | a | lies outside",
                "{'b':'one.safetensors','a':'.'}                             | a | lies outside",
                "{'b':'one.safetensors','a':'t\\u0000o'}                     | a | is no path",
                "{'b':'one.safetensors','a':1}                               | a | must be VALUE_STRING",
            })
    void aWrongIndexIsRefusedByTensor(String map, String tensor, String why) {
        index("{\"weight_map\":" + map.replace('\'', '"') + "}");
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder))
                .withMessageContaining(why.replace('\'', why.startsWith("Dup") ? '\'' : '"'))
                .satisfies(e -> {
                    if (!why.startsWith("Dup")) {
                        assertThat(e.tensor()).contains(tensor);
                    }
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}              | weight_map is missing",
                "[]              | the index must be START_OBJECT",
                "{'weight_map':[]} | weight_map must be START_OBJECT",
                "{'weight_map':{} | not the JSON it must be",
                "{'weight_map':{}} x | not the JSON it must be",
                "{'weight_map':{}} 1 | nothing may follow",
                "''              | the index must be START_OBJECT",
            })
    void aDamagedIndexIsRefused(String json, String why) {
        index(json.replace('\'', '"'));
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder))
                .withMessageContaining(why)
                .withMessageContaining("byte ");
    }

    @Test
    void shardsAreClosedWhereTheModelIsRefused() {
        index("{\"weight_map\":{\"b\":\"one.safetensors\",\"a\":\"two.safetensors\",\"c\":\"two.safetensors\"}}");
        assertThatExceptionOfType(SafetensorsException.class).isThrownBy(() -> SafetensorsFile.open(folder));
        assertThat(Handmade.handles(folder.resolve("one.safetensors"))).isZero();
        assertThat(Handmade.handles(folder.resolve("two.safetensors"))).isZero();
    }

    @Test
    void noDamageToAnIndexLetsAnythingElseOut() {
        long seed = Long.getLong("weir.seed", 20_260_102L);
        Random random = new Random(seed);
        String sound = "{\"metadata\":{\"total_size\":2},\"weight_map\":"
                + "{\"b\":\"one.safetensors\",\"a\":\"two.safetensors\"}}";
        for (int round = 0; round < 500; round++) {
            StringBuilder json = new StringBuilder(sound);
            for (int i = 0; i <= random.nextInt(3); i++) {
                json.setCharAt(random.nextInt(json.length()), (char) random.nextInt(256));
            }
            json.setLength(random.nextInt(4) == 0 ? random.nextInt(json.length()) : json.length());
            index(json.toString());
            try (SafetensorsFile model = SafetensorsFile.open(folder)) {
                assertThat(model.layout().tensors()).hasSize(2);
            } catch (SafetensorsException e) {
                assertThat(e.getMessage()).contains("byte ");
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + " (-Dweir.seed), round " + round, e);
            }
        }
    }

    private Path index(String json) {
        return Handmade.write(folder.resolve("model.safetensors.index.json"), json.getBytes(StandardCharsets.UTF_8));
    }

    private void shard(String name, String tensor, int value) {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"" + tensor
                + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        Handmade.write(folder.resolve(name), Handmade.bytes(header, new byte[] {(byte) value}));
    }
}
