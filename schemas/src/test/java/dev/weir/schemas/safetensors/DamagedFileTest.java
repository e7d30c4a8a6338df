package dev.weir.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.schemas.tensor.ChunkSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedFileTest {

    @TempDir
    Path folder;

    /** Each file has eight bytes of data; T stands for {@code 'dtype':'U8','shape':[8]}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'x':{T,'data_offsets':[0,8]}                                         | not the JSON it must be",
                "{'x':{T,'data_offsets':[0,8]}} {}                                     | nothing may follow",
                "['x']                                                                 | must start with {",
                "{'x':{T,'data_offsets':[0,8]},'x':{T,'data_offsets':[0,8]}}           | Duplicate field 'x'",
                "{'x':{T,'dtype':'U8','data_offsets':[0,8]}}                           | Duplicate field 'dtype'",
                "{'x':{T,'data_offsets':[0,9]}}                                        | tensor x, byte 9: data_offsets [0, 9] are out of range, the data section has 8 bytes",
                "{'x':{T,'data_offsets':[8,0]}}                                        | tensor x, byte 9: data_offsets [8, 0] are out of range",
                "{'x':{T,'data_offsets':[0,4]}}                                        | tensor x, byte 9: data_offsets [0, 4] hold 4 bytes, shape [8] of U8 needs 8",
                "{'x':{T,'data_offsets':[-1,7]}}                                       | tensor x, byte 55: data_offsets holds -1, allowed is 0 or more",
                "{'x':{T,'data_offsets':[0,99999999999999999999]}}                     | exceeds a long",
                "{'x':{T,'data_offsets':[0,8.0]}}                                      | data_offsets must hold integers",
                "{'x':{T,'data_offsets':[0]}}                                          | data_offsets has 1 numbers, 2 are needed",
                "{'x':{T,'data_offsets':[0,8,8]}}                                      | data_offsets has more than 2 numbers",
                "{'x':{T,'data_offsets':8}}                                            | data_offsets must be START_ARRAY",
                "{'x':{T}}                                                             | field data_offsets is missing",
                "{'x':{'shape':[8],'data_offsets':[0,8]}}                              | field dtype is missing",
                "{'x':{'dtype':'U8','data_offsets':[0,8]}}                             | field shape is missing",
                "{'x':{T,'data_offsets':[0,8],'scale':1}}                              | field scale is none of",
                "{'x':[]}                                                              | a tensor must be START_OBJECT",
                "{'':{T,'data_offsets':[0,8]}}                                         | must not be empty",
                "{'a\\u0000':{T,'data_offsets':[0,8]}}                                 | has a 0 at character 1",
                "{'a\\ud800':{T,'data_offsets':[0,8]}}                                 | half a surrogate pair",
                "{'x':{'dtype':'F4','shape':[16],'data_offsets':[0,8]}}                | tensor x, byte 9: dtype F4 is not one of",
                "{'x':{'dtype':'F6_E2M3','shape':[16],'data_offsets':[0,8]}}           | dtype F6_E2M3 is not one of",
                "{'x':{'dtype':'U8','shape':[-8],'data_offsets':[0,8]}}                | shape holds -8",
                "{'x':{'dtype':'U8','shape':[8,null],'data_offsets':[0,8]}}            | shape must hold integers",
                "{'x':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,8]}} | exceeds a long",
                "{'x':{'dtype':'F64','shape':[1152921504606846977],'data_offsets':[0,8]}}  | exceeds a long",
                "{'x':{'dtype':'U8','shape':[5],'data_offsets':[0,5]},'y':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}} | data_offsets [4, 8] overlaps the tensor before it, which ends at 5",
                "{'x':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'y':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}} | data_offsets [4, 8] leaves a hole",
                "{'x':{'dtype':'U8','shape':[7],'data_offsets':[1,8]}}                 | data_offsets [1, 8] leaves a hole",
                "{'x':{'dtype':'U8','shape':[7],'data_offsets':[0,7]}}                 | a hole in the data section: the last tensor ends here, 1 bytes before the file",
                "{}                                                                    | a hole in the data section",
                "{'__metadata__':{'a':1},'x':{T,'data_offsets':[0,8]}}                 | __metadata__.a must be VALUE_STRING",
                "{'__metadata__':[],'x':{T,'data_offsets':[0,8]}}                      | __metadata__ must be START_OBJECT",
            })
    void aDamagedHeaderIsRefused(String header, String why) {
        String json = header.replace("T", "'dtype':'U8','shape':[8]");
        refused(Handmade.bytes(json.replace('\'', '"'), new byte[8]), why);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aFileWithoutALengthIsRefused(int size) {
        refused(new byte[size], "the file has " + size + " bytes, the header's length alone has 8");
    }

    @ParameterizedTest
    @CsvSource({
        "0, the header must start with {",
        "3, 'the header claims 3 bytes, the file has 2 behind its length'",
        "100000000, 'the header claims 100000000 bytes, the file has 2 behind its length'",
        "100000001, 'the header claims 100000001 bytes, at most 100000000 are allowed'",
        "107374182400, 'the header claims 107374182400 bytes, at most 100000000 are allowed'",
        "-1, 'the header claims 18446744073709551615 bytes, at most'"
    })
    void aHeaderThatClaimsTooMuchIsRefused(long length, String why) {
        byte[] bytes = Handmade.bytes("{}", new byte[0]);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        refused(bytes, "byte ", why);
    }

    @Test
    void aHeaderOfZerosAsLongAsAllowedTakesNoMemory() throws IOException {
        Path file = folder.resolve("zeros.safetensors");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(100_000_008L);
            out.write(new byte[] {0, (byte) 0xe1, (byte) 0xf5, 5, 0, 0, 0, 0, '{'});
        }
        assertThatExceptionOfType(SafetensorsException.class).isThrownBy(() -> SafetensorsFile.open(file));
    }

    @Test
    void malformedUtf8IsRefusedWhereItLies() {
        byte[] bytes = Handmade.bytes("{\"x\":1}", new byte[0]);
        bytes[10] = (byte) 0xff;
        refused(bytes, "byte 10: malformed UTF-8");
    }

    @Test
    void aShapeOfTooManyDimensionsIsRefused() {
        String shape = "1,".repeat(64) + "1";
        refused(Handmade.bytes("{\"x\":{\"shape\":[" + shape + "]}}", new byte[0]), "shape has more than 64 numbers");
        refused(Handmade.bytes("{\"x\":" + "[".repeat(100_000), new byte[0]), "a tensor must be START_OBJECT");
        refused(Handmade.bytes("{\"" + "x".repeat(60_000) + "\":1}", new byte[0]), "not the JSON it must be");
    }

    @Test
    void anAbsentFileIsRefusedByName() {
        Path absent = folder.resolve("absent.safetensors");
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(absent))
                .withMessageContaining(absent + ", byte 0: cannot be read");
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder))
                .withMessageContaining("holds neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void noDamageLetsAnythingElseOut() {
        long seed = Long.getLong("weir.seed", 20_260_101L);
        Random random = new Random(seed);
        byte[] sound = Handmade.bytes(
                "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                        + "\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[16,24]},"
                        + "\"c\\u00e9\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[24,24]}}",
                new byte[24]);
        int opened = 0;
        for (int round = 0; round < 2_000; round++) {
            Path file = Handmade.write(folder.resolve("fuzz.safetensors"), damage(sound, random));
            try (SafetensorsFile model = SafetensorsFile.open(file)) {
                for (int i = 0; i < model.layout().chunkCount(); i++) {
                    ChunkSpec chunk = model.layout().chunk(i);
                    assertThat(model.read(chunk).remaining()).isEqualTo(chunk.byteSize());
                }
                opened++;
            } catch (SafetensorsException e) {
                assertThat(e.getMessage()).startsWith(file + ", ").contains("byte " + e.offset());
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + " (-Dweir.seed), round " + round, e);
            }
        }
        System.out.println("DamagedFileTest: seed " + seed + ", " + opened + " of 2000 damaged files were readable");
    }

    private static byte[] damage(byte[] sound, Random random) {
        byte[] bytes = sound.clone();
        int flips = 1 + random.nextInt(4);
        for (int i = 0; i < flips; i++) {
            int at = random.nextInt(4) == 0 ? random.nextInt(8) : random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean()
                    ? (byte) random.nextInt(256)
                    : (byte) "{}[]\",:0123456789-eE. \\u".charAt(random.nextInt(24));
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private void refused(byte[] bytes, String... why) {
        Path file = Handmade.write(folder.resolve("damaged.safetensors"), bytes);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .withMessageStartingWith(file + ", ")
                .satisfies(e -> assertThat(e.getMessage()).contains(why))
                .satisfies(e -> assertThat(e.file()).isEqualTo(file));
    }
}
