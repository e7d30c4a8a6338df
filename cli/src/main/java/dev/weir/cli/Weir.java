package dev.weir.cli;

import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.registry.ParentPipe;
import dev.weir.cli.verb.Verbs;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry point. What a verb does stands in its own class; {@link Verbs} lists them. */
@Command(
        name = "weir",
        description = "Averages model weights as they are being trained, on Kafka Streams.",
        versionProvider = Weir.Version.class,
        synopsisSubcommandLabel = "VERB",
        commandListHeading = "%nVerbs:%n",
        footer = {"", "Example:", "  weir up --data /tmp/weir", "", "Each verb explains itself: weir VERB --help"})
public final class Weir implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @CommandLine.Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version and exit.")
    @SuppressWarnings("UnusedVariable")
    private boolean version;

    @Spec
    private @Nullable CommandSpec spec;

    private Weir() {}

    @Override
    public Integer call() {
        CommandSpec self = Objects.requireNonNull(spec);
        throw new ParameterException(self.commandLine(), "no verb was given, such as up or status");
    }

    public static void main(String[] args) {
        ParentPipe.watchIfChild();
        Logging.configure(args);
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /** Runs one command line and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return commandLine(args).setOut(out).setErr(err).execute(args);
    }

    /** The parser of one command line. */
    public static CommandLine commandLine(String... args) {
        boolean debug = isDebug(args);
        CommandLine command = new CommandLine(new Weir());
        Verbs.addTo(command, Arrays.asList(args));
        return command.setParameterExceptionHandler(ErrorLine::onUsage)
                .setExecutionExceptionHandler((e, line, result) -> ErrorLine.onFailure(e, line, debug))
                .setExitCodeExceptionMapper(e -> ExitCode.FAILED)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(110)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    }

    private static boolean isDebug(String[] args) {
        return Arrays.asList(args).contains("--debug");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Weir.class.getPackage().getImplementationVersion();
            return new String[] {"weir " + (version == null ? "unpackaged" : version)};
        }
    }
}
