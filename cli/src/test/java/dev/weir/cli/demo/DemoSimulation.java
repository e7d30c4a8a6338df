package dev.weir.cli.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The whole demo of one seed in memory: no broker, the same trainers, operators and evaluation. */
final class DemoSimulation {

    static final double NEW_WEIGHT = 0.7;

    /**
     * What a seed came to.
     *
     * @param release1 of the model in service
     * @param channels of every channel after the last checkpoint, by name
     */
    record Result(long seed, Score release1, Map<String, Score> channels) {

        boolean emaBeatsRaw() {
            return DemoFinding.averaging(channel(DemoState.RAW), channel(DemoState.EMA))
                    .won();
        }

        boolean bcwiKeepsMore() {
            return DemoFinding.compatibility(channel(DemoState.RAW), channel(DemoState.BCWI))
                    .won();
        }

        Score channel(String name) {
            Score score = channels.get(name);
            if (score == null) {
                throw new IllegalArgumentException("no channel " + name);
            }
            return score;
        }
    }

    private DemoSimulation() {}

    static Result run(Digits digits, long seed, int checkpoints) {
        Mlp release1 = Release1.train(digits, seed);
        TrainingSet data = Release2.data(digits, seed);
        List<Trainer> trainers =
                List.of(Release2.trainer(release1, data, seed, 0), Release2.trainer(release1, data, seed, 1));
        Map<String, InMemoryChannel> channels = new LinkedHashMap<>();
        channels.put(DemoState.EMA, new InMemoryChannel("ema", Map.of("decay", 0.9)));
        channels.put("ema-0.97", new InMemoryChannel("ema", Map.of("decay", 0.97)));
        channels.put("swa", new InMemoryChannel("swa", Map.of()));
        Map<String, Mlp> models = new LinkedHashMap<>();
        for (int i = 0; i < checkpoints; i++) {
            int turn = i % trainers.size();
            Trainer.Checkpoint checkpoint = trainers.get(turn).next();
            channels.values().forEach(channel -> channel.add("run-" + turn, checkpoint));
            models.put(DemoState.RAW, checkpoint.weights());
        }
        channels.forEach((name, channel) -> models.put(name, channel.merged()));
        Mlp ema = channels.get(DemoState.EMA).merged();
        models.put(DemoState.BCWI, InMemoryChannel.between(release1, ema, NEW_WEIGHT));

        Evaluation before = Evaluation.of(digits, release1);
        Map<String, Score> scores = new LinkedHashMap<>();
        models.forEach(
                (name, model) -> scores.put(name, Evaluation.of(digits, model).against(before)));
        return new Result(seed, before.against(before), scores);
    }
}
