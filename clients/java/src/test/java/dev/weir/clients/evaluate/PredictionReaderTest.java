package dev.weir.clients.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PredictionReaderTest {

    private static final float[] NONE = {};

    @Test
    void aPlainFileIsRead() {
        assertThat(rows("id,label,prediction\na,1,2\nb,,2147483647\n"))
                .containsExactly(
                        new PredictionRow("a", OptionalInt.of(1), 2, List.of(), NONE),
                        new PredictionRow("b", OptionalInt.empty(), Integer.MAX_VALUE, List.of(), NONE));
    }

    @Test
    void slicesAndProbabilitiesMayStandInAnyOrder() {
        assertThat(rows("p1,slice,prediction,id,p0,label\n"
                        + "0.75,night; rain;night,1,\"a,b\",2.5e-1,0\n"
                        + ",,1,\"say \"\"x\"\"\",,\n"))
                .containsExactly(
                        new PredictionRow(
                                "a,b", OptionalInt.of(0), 1, List.of("night", "rain"), new float[] {0.25f, 0.75f}),
                        new PredictionRow("say \"x\"", OptionalInt.empty(), 1, List.of(), NONE));
    }

    @Test
    void aClusterIsWhatAnExampleHangsTogetherWith() {
        assertThat(rows("cluster,id,label,prediction\ndocument 7,a,1,2\n,b,1,1\n"))
                .containsExactly(
                        new PredictionRow("a", OptionalInt.of(1), 2, List.of(), NONE, Optional.of("document 7")),
                        new PredictionRow("b", OptionalInt.of(1), 1, List.of(), NONE));
        assertThatThrownBy(() -> new PredictionRow("a", OptionalInt.of(1), 2, List.of(), NONE, Optional.of("")))
                .hasMessage("cluster: is empty; allowed: a name, or none");
    }

    @Test
    void aByteOrderMarkWindowsLineEndsAndEmptyLinesDoNotMatter() {
        assertThat(rows("\uFEFFid,label,prediction\r\n\r\na, 1 ,2\r\n\r\nb,1,2"))
                .extracting(PredictionRow::id)
                .containsExactly("a", "b");
    }

    @Test
    void aHeaderAloneHasNoRows() {
        assertThat(rows("id,label,prediction")).isEmpty();
    }

    @Test
    void linesAreCountedThroughQuotedAndEmptyOnes() {
        try (PredictionReader reader = reader("id,label,prediction\n\n\"a\nb\",1,1\nc,1,1\n\nd,1,1\n")) {
            List<Long> lines = new ArrayList<>();
            while (reader.hasNext()) {
                reader.next();
                lines.add(reader.line());
            }
            assertThat(lines).containsExactly(3L, 5L, 7L);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|f.csv: is empty; allowed: a header of id,label,prediction, and rows",
                "id,prediction/|f.csv:1: the header lacks the column label; allowed: id, label, prediction, slice, cluster and p0 to pN",
                "id,label,prediction,score/|f.csv:1: the header has a column 'score'; allowed: id, label, prediction, slice, cluster and p0 to pN",
                "id,label,prediction,id/|f.csv:1: column 'id' stands twice in the header; allowed: once",
                "id,label,prediction,p0,p2/|f.csv:1: the header lacks the column p1; allowed: p0 to pN without gaps",
                "id,label,prediction/a,1,1/b,1/|f.csv:3: has 2 cells; allowed: 3, one for each column",
                "id,label,prediction/a,1,1/b,1,1,/|f.csv:3: has 4 cells; allowed: 3, one for each column",
                "id,label,prediction/,1,1/|f.csv:2: column id is empty; allowed: the name of an example",
                "id,label,prediction/a,1,/|f.csv:2: column prediction is ''; allowed: a class number, 0 to 2147483647",
                "id,label,prediction/a,1,2.0/|f.csv:2: column prediction is '2.0'; allowed: a class number, 0 to 2147483647",
                "id,label,prediction/a,1,2147483648/|f.csv:2: column prediction is '2147483648'; allowed: a class number, 0 to 2147483647",
                "id,label,prediction/a,-1,2/|f.csv:2: column label is '-1'; allowed: a class number, 0 to 2147483647, or empty where it is not known",
                "id,label,prediction,p0,p1/a,1,2,0.5,/|f.csv:2: column p1 is ''; allowed: 0 to 1, or every probability of the line empty",
                "id,label,prediction,p0/a,1,2,NaN/|f.csv:2: column p0 is 'NaN'; allowed: 0 to 1, or every probability of the line empty",
                "id,label,prediction,p0/a,1,2,1.5/|f.csv:2: column p0 is '1.5'; allowed: 0 to 1, or every probability of the line empty"
            })
    void aFaultNamesFileLineColumnValueAndWhatIsAllowed(String content, String message) {
        assertThatThrownBy(() -> rows(content.replace('/', '\n')))
                .isInstanceOf(ClientException.class)
                .hasMessage(message);
    }

    @Test
    void aQuoteThatNeverEndsIsTold() {
        assertThatThrownBy(() -> rows("id,label,prediction\n\"a,1,1\n"))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("f.csv:")
                .hasMessageContaining("is no CSV");
    }

    @Test
    void bytesThatAreNoUtf8AreTold() {
        byte[] bytes = "id,label,prediction\n\u00e9,1,1\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> drain(PredictionReader.open("f.csv", new ByteArrayInputStream(bytes))))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("f.csv");
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        assertThatThrownBy(() -> PredictionReader.open(Path.of("/no/such.csv")))
                .isInstanceOf(ClientException.class)
                .hasMessage("/no/such.csv: no such file");
    }

    @Test
    void aMillionRowsAreStreamed() {
        long rows = 0;
        long sum = 0;
        try (PredictionReader reader = PredictionReader.open("f.csv", new Endless(1_000_000))) {
            while (reader.hasNext()) {
                sum += reader.next().prediction();
                rows++;
            }
            assertThat(reader.line()).isEqualTo(1_000_001);
        }
        assertThat(rows).isEqualTo(1_000_000);
        assertThat(sum).isEqualTo(4_500_000);
    }

    private static List<PredictionRow> rows(String content) {
        return drain(reader(content));
    }

    private static PredictionReader reader(String content) {
        return PredictionReader.open("f.csv", new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<PredictionRow> drain(PredictionReader opened) {
        try (PredictionReader reader = opened) {
            List<PredictionRow> rows = new ArrayList<>();
            reader.forEachRemaining(rows::add);
            return rows;
        }
    }

    /** A file of so many rows that exists only as it is read. */
    private static final class Endless extends InputStream {

        private final int rows;
        private int written;
        private byte[] current = "id,label,prediction,slice\n".getBytes(StandardCharsets.UTF_8);
        private int at;

        Endless(int rows) {
            this.rows = rows;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at == current.length) {
                if (written == rows) {
                    return -1;
                }
                current = ("example-" + written + ",3," + written % 10 + ",a;b\n").getBytes(StandardCharsets.UTF_8);
                written++;
                at = 0;
            }
            int count = Math.min(length, current.length - at);
            System.arraycopy(current, at, into, offset, count);
            at += count;
            return count;
        }
    }
}
