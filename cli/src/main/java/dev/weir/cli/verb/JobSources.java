package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.job.Source;
import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.operators.Bcwi;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a job merges, and how.
 *
 * @param chosen the operator
 * @param models where models come from, in their order
 * @param side name of their second files; empty: none
 * @param sides where these come from, one for each of the models, or none
 * @param last how many versions of a run a round takes
 */
record JobSources(ChosenMerge chosen, List<Source> models, String side, List<Source> sides, int last) {

    private static final int MOST = 10_000;

    /** @throws UsageException for a text that is no source, or sides that are not one for each of the models */
    static JobSources of(ChosenMerge chosen, List<String> from, List<String> beside, int last) {
        List<Source> models =
                from.stream().map(text -> Source.of("--from", text)).toList();
        Map<String, List<Source>> sides = SideOptions.of(beside, text -> Source.of("--side", text));
        if (sides.size() > 1) {
            throw usage("--side", "has the names " + String.join(", ", sides.keySet()), "allowed: one name");
        }
        String side = String.join("", sides.keySet());
        List<Source> seconds = sides.getOrDefault(side, List.of());
        if (!sides.isEmpty() && seconds.size() != models.size()) {
            throw usage(
                    "--side " + side,
                    seconds.size() + " sources for " + models.size() + " of --from",
                    "allowed: one each, in their order");
        }
        return new JobSources(chosen, models, side, seconds, last);
    }

    /** Merges the versions of a round. */
    List<String> merge(List<Path> files, List<Long> steps, List<Path> seconds, Path output)
            throws InterruptedException {
        return chosen.over(inputs(files, steps, seconds)).into(output).lines();
    }

    /** As weir merge would have them. Versions of one run came one after another, and operators may ask for their steps. */
    private ChosenMerge.Inputs inputs(List<Path> files, List<Long> steps, List<Path> seconds) {
        return new ChosenMerge.Inputs(
                files,
                false,
                last > 1 && chosen.takesSteps() ? steps : List.of(),
                seconds.isEmpty() ? Map.of() : Map.of(side, seconds));
    }

    /**
     * Checks what can be told before anything is there.
     *
     * @param to the model that takes the results
     */
    void check(String to) {
        long runs = models.stream().filter(source -> !source.fixed()).count();
        if (runs == 0) {
            throw usage(
                    "--from", "names no run", "allowed: at least one MODEL/CHANNEL@RUN, whose steps the rounds have");
        }
        if (last < 1 || last > MOST || (last > 1 && runs > 1)) {
            throw usage(
                    "--last",
                    "is " + last + (runs > 1 ? " with " + runs + " runs" : ""),
                    "allowed: 1 to " + MOST + "; above 1 with one MODEL/CHANNEL@RUN in --from");
        }
        all().filter(source -> source.channel().model().equals(to)).findFirst().ifPresent(source -> {
            throw usage(
                    "--to",
                    "is " + to + ", and so is the model of " + source
                            + ": its channels average all its runs, the job's, too",
                    "allowed: a model that the job does not read");
        });
        List<Path> files = new ArrayList<>();
        List<Path> seconds = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            for (int n = 0; n < (models.get(i).fixed() ? 1 : last); n++) {
                files.add(Path.of(models.get(i).toString()));
                if (!sides.isEmpty()) {
                    seconds.add(Path.of(sides.get(i).toString()));
                }
            }
        }
        try {
            ChosenMerge.Work unused =
                    chosen.over(inputs(files, files.stream().map(file -> 0L).toList(), seconds));
        } catch (IllegalArgumentException refused) {
            throw usage("--from", String.valueOf(refused.getMessage()), "");
        }
    }

    /**
     * Checks that all channels are there, and somebody takes the results.
     *
     * @param to the model that takes the results
     * @throws WeirException if a channel or a plan is not there, or a channel has several versions of a step
     */
    void checkPlans(Connection connection, String to) {
        Plan unused = plan(connection, to);
        Map<String, Plan> plans = new HashMap<>();
        for (Source source : all().toList()) {
            String model = source.channel().model();
            Plan plan = plans.computeIfAbsent(model, name -> plan(connection, name));
            ChannelPlan channel = plan.channel(source.channel().name())
                    .orElseThrow(() -> new WeirException(
                            "channel " + source.channel().name(),
                            "is not in the plan of model " + model,
                            "allowed: "
                                    + plan.channels().stream()
                                            .map(ChannelPlan::name)
                                            .collect(Collectors.joining(", ")),
                            "see weir plan get --model " + model));
            if (!source.fixed() && channel.create() instanceof Bcwi bcwi && bcwi.searched()) {
                throw new WeirException(
                        source.toString(),
                        "has a ladder of versions at each step",
                        "allowed: channels with one version a step, or one version by its number",
                        "");
            }
        }
    }

    private Stream<Source> all() {
        return Stream.concat(models.stream(), sides.stream());
    }

    private static Plan plan(Connection connection, String model) {
        try (PlanClient plans = PlanClient.open(connection, model)) {
            return plans.inForce()
                    .map(PlanFormat::parse)
                    .orElseThrow(
                            () -> new WeirException("model " + model, "has no plan", "", "run `weir plan apply FILE`"));
        }
    }

    private static UsageException usage(String object, String problem, String allowed) {
        return new UsageException(object, problem, allowed, "see weir job --help");
    }
}
