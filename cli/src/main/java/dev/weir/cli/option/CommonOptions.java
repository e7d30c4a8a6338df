package dev.weir.cli.option;

import picocli.CommandLine.Option;

/** What every verb takes. */
public final class CommonOptions {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help and exit.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Option(names = "--debug", description = "Print stack traces and the libraries' logs.")
    private boolean debug;

    public boolean debug() {
        return debug;
    }
}
