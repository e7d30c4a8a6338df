package dev.weir.cli.option;

import picocli.CommandLine.Option;

/** Of the verbs that report: one JSON document on stdout instead of text. */
public final class JsonOption {

    @Option(names = "--json", description = "Print exactly one JSON document on stdout.")
    private boolean json;

    public boolean json() {
        return json;
    }
}
