package dev.weir.cli.verb;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;

/** The verbs, each in its own class; a new one is one line here. */
public final class Verbs {

    private Verbs() {}

    private static Map<String, Supplier<Callable<Integer>>> all() {
        Map<String, Supplier<Callable<Integer>>> verbs = new LinkedHashMap<>();
        verbs.put("demo", DemoVerb::new);
        verbs.put("up", UpVerb::new);
        verbs.put("merge", MergeVerb::new);
        verbs.put("job", JobVerb::new);
        verbs.put("operators", OperatorsVerb::new);
        verbs.put("encode", EncodeVerb::new);
        verbs.put("decode", DecodeVerb::new);
        verbs.put("plan", PlanVerb::new);
        verbs.put("publish", PublishVerb::new);
        verbs.put("pull", PullVerb::new);
        verbs.put("inspect", InspectVerb::new);
        verbs.put("evaluate", EvaluateVerb::new);
        verbs.put("promote", PromoteVerb::new);
        verbs.put("rollback", RollbackVerb::new);
        verbs.put("flips", FlipsVerb::new);
        verbs.put("rank", RankVerb::new);
        verbs.put("align", AlignVerb::new);
        verbs.put("experts", ExpertsVerb::new);
        verbs.put("replay", ReplayVerb::new);
        verbs.put("reconstruct", ReconstructVerb::new);
        verbs.put("run", RunVerb::new);
        verbs.put("status", StatusVerb::new);
        verbs.put("topics", TopicsVerb::new);
        verbs.put("bench", BenchVerb::new);
        verbs.put("broker", BrokerVerb::new);
        verbs.put("train", TrainVerb::new);
        return verbs;
    }

    /** Adds the verb that {@code args} name, or all of them: reading the options of each takes time at every start. */
    public static void addTo(CommandLine weir, List<String> args) {
        Map<String, Supplier<Callable<Integer>>> all = all();
        String named =
                args.stream().filter(arg -> !arg.startsWith("-")).findFirst().orElse("");
        if (all.containsKey(named)) {
            all.keySet().retainAll(List.of(named));
        } else if (args.equals(List.of("--version"))) {
            all.clear();
        }
        all.forEach((name, verb) -> weir.addSubcommand(name, verb.get()));
    }
}
