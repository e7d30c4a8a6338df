package dev.weir.cli.verb;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** The verbs, each in its own class; a new one is one line here. */
public final class Verbs {

    private Verbs() {}

    private static List<Callable<Integer>> all() {
        return List.of(new UpVerb(), new StatusVerb(), new BrokerVerb(), new TrainVerb());
    }

    public static void addTo(CommandLine weir) {
        for (Callable<Integer> verb : all()) {
            weir.addSubcommand(verb);
        }
    }
}
