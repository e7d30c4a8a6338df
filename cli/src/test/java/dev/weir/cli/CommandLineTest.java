package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.option.ClientOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class CommandLineTest {

    record Result(int code, String out, String err) {}

    private static Result weir(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }

    static Stream<CommandLine> verbs() {
        return Weir.commandLine("--help").getSubcommands().values().stream();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void helpOfEachVerbHasAnExample(CommandLine verb) {
        Result help = weir(verb.getCommandName(), "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Example", "weir " + verb.getCommandName());
        assertThat(help.err()).isEmpty();
    }

    @Test
    void versionIsOneLine() {
        Result version = weir("--version");
        assertThat(version.code()).isZero();
        assertThat(version.out().lines()).singleElement().asString().startsWith("weir ");
    }

    @ParameterizedTest
    @MethodSource("wrongUsage")
    void wrongUsageIsOneLineAndExitCodeTwo(List<String> args) {
        Result wrong = weir(args.toArray(String[]::new));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.out()).isEmpty();
        assertThat(wrong.err().lines())
                .singleElement()
                .asString()
                .startsWith("weir: ")
                .contains("; see weir");
    }

    static Stream<List<String>> wrongUsage() {
        return Stream.of(
                List.of(),
                List.of("nonsense"),
                List.of("up", "--nonsense"),
                List.of("up", "--kafka-port", "many"),
                List.of("up", "--kafka-port", "70000"),
                List.of("up", "--kafka-port", "8080", "--http-port", "8080"),
                List.of("broker"),
                List.of("pull", "--model", "m", "--out", "d"),
                List.of("pull", "--model", "m", "--out", "d", "--promoted", "--channel", "c"),
                List.of("pull", "--model", "m", "--out", "d", "--promoted", "--version", "1"),
                List.of("pull", "--model", "m", "--out", "d", "--channel", "c", "--version", "1", "--follow"),
                List.of("inspect", "--model", "m"),
                List.of("inspect", "--model", "m", "--promotions", "--channel", "c"),
                List.of("inspect", "--model", "m", "--promotions", "--flips"),
                List.of("evaluate", "--model", "m", "p.csv"),
                List.of("evaluate", "--model", "m", "--channel", "c", "p.csv"),
                List.of("evaluate", "--model", "m", "--run", "r", "p.csv"),
                List.of("evaluate", "--model", "m", "--channel", "c", "--version", "1", "--step", "1", "p.csv"),
                List.of("promote", "--model", "m", "--channel", "c"),
                List.of("promote", "--model", "m", "--run", "r", "--step", "1"),
                List.of("rollback"),
                List.of("rollback", "--model", "m", "--from", "ema"),
                List.of("status", "--timeout", "soon"));
    }

    @Test
    void aRawCheckpointIsNotPromotedAndItIsSaidWhatServesIt() {
        assertThat(weir("promote", "--model", "m", "--run", "r", "--step", "1").err())
                .contains("a raw checkpoint cannot be promoted", "operator `ema` and `decay: 0`");
    }

    @Test
    void anUnknownOptionIsToldWhatIsAllowed() {
        assertThat(weir("up", "--nonsense").err()).contains("--nonsense", "allowed: --bind, --data");
    }

    @Test
    void aSilentServerIsOneLineAndExitCodeOne() {
        Result failed = weir("status", "--http", "http://127.0.0.1:1", "--timeout", "2s");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err().lines())
                .singleElement()
                .asString()
                .startsWith("weir: http://127.0.0.1:1/status: does not answer");
    }

    @Test
    void anAddressThatIsNoneIsTold() {
        for (String http : List.of("nowhere", "file:/tmp", "http://a b")) {
            assertThat(weir("status", "--http", http).err()).contains("is no address; allowed: http://HOST:PORT");
        }
    }

    @Test
    void debugAddsTheStackTrace() {
        assertThat(weir("status", "--debug", "--http", "http://127.0.0.1:1").err())
                .contains("\tat ");
    }

    @Test
    void anUnexpectedExceptionIsOneLine() {
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new Probe()).setErr(new PrintWriter(err, true));
        int code = ErrorLine.onFailure(new IllegalStateException("two\n  lines"), line, false);
        assertThat(code).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("weir: probe: IllegalStateException: two lines; run again with --debug for the stack trace"
                        + System.lineSeparator());
    }

    @Test
    void partsOfAnErrorThatDoNotApplyAreLeftOut() {
        assertThat(new WeirException("a.txt", "is empty", "", "write to it"))
                .hasMessage("a.txt: is empty; write to it");
        assertThat(new UsageException("a", "b", "c", "d").exitCode()).isEqualTo(2);
    }

    @Test
    void optionsStandBeforeOrAfterFileNames() {
        for (String[] args : new String[][] {
            {"--name", "x", "--timeout", "5", "a", "b"},
            {"a", "--name", "x", "b", "--timeout", "5"},
            {"a", "b", "--timeout=5s", "--name=x"}
        }) {
            Probe probe = new Probe();
            new CommandLine(probe).parseArgs(args);
            assertThat(probe.files).containsExactly("a", "b");
            assertThat(probe.name).isEqualTo("x");
            assertThat(probe.client.timeout()).isEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void clientOptionsDefaultToWhatUpOpens() {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs("a");
        assertThat(probe.client.bootstrap()).isEqualTo("127.0.0.1:9092");
        assertThat(probe.client.registry()).isEqualTo("http://127.0.0.1:8081/apis/ccompat/v7");
        assertThat(probe.client.http()).isEqualTo("http://127.0.0.1:8080");
        assertThat(probe.client.timeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void anUnreachableBrokerIsToldWithinTheTimeout() {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs("--bootstrap", "127.0.0.1:1", "--timeout", "700ms", "a");
        long start = System.nanoTime();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> probe.client.reach())
                .isInstanceOf(WeirException.class)
                .hasMessageStartingWith("broker 127.0.0.1:1: no answer within 700 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aBrokerThatDoesNotSpeakTlsIsRefusedAsThatAndNotAsMissing(@TempDir Path dir) throws Exception {
        Path tls = Files.writeString(dir.resolve("tls.properties"), "security.protocol=SSL\n");
        try (ServerSocket plain = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answers = Thread.ofVirtual().start(() -> answer(plain));
            Probe probe = new Probe();
            new CommandLine(probe)
                    .parseArgs(
                            "--bootstrap", "127.0.0.1:" + plain.getLocalPort(), "--client-config", tls.toString(), "a");
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> probe.client.reach())
                    .hasMessageContaining("refused by broker 127.0.0.1:" + plain.getLocalPort())
                    .hasMessageContaining("check SASL, TLS and ACLs")
                    .hasMessageNotContaining("weir up");
            answers.interrupt();
        }
    }

    @Test
    void aTakenHttpPortOfRunIsNamedBeforeAnyBrokerIsAsked(@TempDir Path dir) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Path config = Files.writeString(
                    dir.resolve("merge.yaml"),
                    "model: m\nrole: merge\nbootstrap: 127.0.0.1:1\nhttp-port: " + taken.getLocalPort() + "\n");
            assertThat(weir("run", "--config", config.toString()).err())
                    .startsWith("weir: http-port " + taken.getLocalPort() + ": cannot be opened on http-host 127.0.0.1")
                    .contains("give another http-port");
        }
    }

    @Test
    void runNamesTheBrokerThatDoesNotAnswer(@TempDir Path dir) throws Exception {
        Path config = Files.writeString(
                dir.resolve("merge.yaml"),
                "model: m\nrole: merge\nbootstrap: 127.0.0.1:1\nclient:\n  default.api.timeout.ms: 300\n"
                        + "  request.timeout.ms: 200\n");
        assertThat(weir("run", "--config", config.toString()).err())
                .startsWith("weir: broker 127.0.0.1:1: no answer in time (")
                .doesNotContain("--debug");
    }

    private static void answer(ServerSocket plain) {
        try {
            while (true) {
                try (Socket one = plain.accept()) {
                    one.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    one.getOutputStream().flush();
                    one.getInputStream().readNBytes(1);
                }
            }
        } catch (IOException closed) {
            return;
        }
    }

    @Command(name = "probe")
    private static final class Probe implements Callable<Integer> {

        @Mixin
        private final ClientOptions client = new ClientOptions();

        @Option(names = "--name")
        private String name = "";

        @Parameters
        private List<String> files = List.of();

        @Override
        public Integer call() {
            return 0;
        }
    }
}
