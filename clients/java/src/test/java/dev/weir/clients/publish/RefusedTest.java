package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a publisher refuses without a broker. */
final class RefusedTest {

    @Test
    void moreProvenanceThanIsAllowedIsRefusedByNameBeforeAnyoneIsAsked() {
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(1L))));
        ClientException refused = catchThrowableOfType(
                ClientException.class,
                () -> Publisher.open(
                        new Connection("127.0.0.1:1", "mock://refused"),
                        "mnist",
                        "r",
                        layout,
                        Duration.ofMillis(1),
                        Deltas.NONE,
                        Map.of("ancestor", "v".repeat(257))));
        assertThat(refused.reason()).isEqualTo(ClientException.Reason.INVALID);
        assertThat(refused).hasMessageContaining("run r").hasMessageContaining("provenance ancestor has 257 bytes");
    }

    @Test
    void aLayoutOfMoreTensorsThanTheCoordinatorCanKeepIsRefused() {
        Layout layout = Layout.of(IntStream.range(0, 40_000)
                .mapToObj(number -> new TensorSpec("layer." + number, Dtype.F32, List.of(1L, 1L)))
                .toList());
        assertThat(catchThrowableOfType(ClientException.class, () -> Refused.layout("r", layout)))
                .hasMessageContaining("run r: a layout of 40000 tensors takes ")
                .hasMessageContaining("allowed: 3670016; join small tensors");
    }

    @Test
    void companionsWithoutANameAreRefused() {
        assertThat(catchThrowableOfType(ClientException.class, () -> Refused.companions("r", 7, Set.of("a/b"))))
                .hasMessageContaining("step 7 of run r")
                .hasMessageContaining("companion \"a/b\"");
    }

    @Test
    void stepsGrow() {
        assertThatCode(() -> Refused.step("r", 0, -1)).doesNotThrowAnyException();
        assertThat(catchThrowableOfType(ClientException.class, () -> Refused.step("r", 7, 7)))
                .hasMessageContaining("step 7 comes after step 7");
        assertThat(catchThrowableOfType(ClientException.class, () -> Refused.step("r", -1, -1)))
                .hasMessageContaining("allowed: steps of 0 and more that grow");
    }
}
