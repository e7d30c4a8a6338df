package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("B5 ratatouille")
final class RatatouilleTest {
    private static final long SEED = 20_261_129;

    private final Operator operator = Operators.create("ratatouille", Map.of());

    @Test
    void runsOfOneAncestorFromOtherTasksEnter() {
        Step first = operator.step(Progress.START, checkpoint("a", "vit", "cars", "birds"));
        Step second = operator.step(first.next(), checkpoint("b", "vit", "dogs", "birds"));
        assertThat(first.coefficients()).containsExactly(1.0, 1.0);
        assertThat(second.coefficients()).containsExactly(1.0, 2.0);
        assertThat(second.passedBy()).isEmpty();
    }

    @Test
    void aRunOfAnotherAncestorThanTheFirstPassesByAndMovesNothing() {
        Step first = operator.step(Progress.START, checkpoint("a", "vit", "cars", "birds"));
        Step other = operator.step(first.next(), checkpoint("b", "resnet", "dogs", "birds"));
        assertThat(other.enters()).isFalse();
        assertThat(other.passedBy()).isEqualTo("ancestor-differs: run b descends from resnet; allowed: vit");
        assertThat(other.next()).isEqualTo(first.next());
    }

    @Test
    void aRunWhoseAuxiliaryTaskIsItsTargetPassesByEvenAsTheFirst() {
        Step same = operator.step(Progress.START, checkpoint("a", "vit", "birds", "birds"));
        assertThat(same.enters()).isFalse();
        assertThat(same.passedBy())
                .isEqualTo(
                        "auxiliary-is-target: run a began with weights fine-tuned on its target, birds; allowed: another"
                                + " auxiliary task");
        assertThat(operator.step(same.next(), checkpoint("b", "resnet", "dogs", "birds"))
                        .enters())
                .as("what did not enter set no ancestor")
                .isTrue();
    }

    @Test
    void aRunThatPassedByMayComeAgainFromElsewhere() {
        Step first = operator.step(Progress.START, checkpoint("a", "vit", "cars", "birds"));
        Step other = operator.step(first.next(), checkpoint("b", "resnet", "dogs", "birds"));
        Step again = operator.step(other.next(), checkpoint("b", "resnet", "dogs", "birds"));
        assertThat(again.passedBy()).as("counted as often as it comes").startsWith("ancestor-differs: run b");
        assertThat(operator.step(again.next(), checkpoint("b", "vit", "dogs", "birds"))
                        .coefficients())
                .containsExactly(1.0, 2.0);
    }

    @Test
    void aRunThatSaysNothingEntersUnlessAnAncestorIsAskedFor() {
        Step silent = operator.step(Progress.START, new Checkpoint(1, "a", 1));
        assertThat(silent.enters()).isTrue();
        Step said = operator.step(silent.next(), checkpoint("b", "vit", "cars", "birds"));
        assertThat(said.enters()).isTrue();
        assertThat(operator.step(said.next(), checkpoint("c", "resnet", "cars", "birds"))
                        .passedBy())
                .startsWith("ancestor-differs: run c");

        Operator asking = Operators.create("ratatouille", Map.of("ancestor", "vit"));
        assertThat(asking.step(Progress.START, new Checkpoint(1, "a", 1)).passedBy())
                .isEqualTo("ancestor-unsaid: run a does not say from which model it descends; allowed: vit, said as"
                        + " provenance ancestor");
        assertThat(asking.step(Progress.START, checkpoint("a", "resnet", "cars", "birds"))
                        .passedBy())
                .isEqualTo("ancestor-differs: run a descends from resnet; allowed: vit");
        assertThat(asking.step(Progress.START, checkpoint("a", "vit", "cars", "birds"))
                        .enters())
                .isTrue();
    }

    @Test
    void theAverageIsThatOfTheRunsThatMayEnterWhateverComesBetween() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            List<Checkpoint> stream = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String run = "run-" + random.nextInt(6);
                String ancestor = random.nextInt(3) == 0 ? "resnet" : "vit";
                String auxiliary = random.nextInt(4) == 0 ? "birds" : "cars";
                stream.add(checkpoint(run, ancestor, auxiliary, "birds"));
            }
            List<String> own = new ArrayList<>();
            String first = "";
            for (Checkpoint one : stream) {
                String ancestor = one.provenance().getOrDefault("ancestor", "");
                boolean may = "cars".equals(one.provenance().get("auxiliary"))
                        && (first.isEmpty() || first.equals(ancestor))
                        && !own.contains(one.run());
                if (may) {
                    own.add(one.run());
                    first = ancestor;
                }
            }
            List<String> entered = new ArrayList<>();
            Progress progress = Progress.START;
            for (Checkpoint one : stream) {
                Step step = operator.step(progress, one);
                progress = step.next();
                if (step.enters()) {
                    entered.add(one.run());
                    assertThat(step.coefficients()).containsExactly(1.0, (double) entered.size());
                }
            }
            assertThat(entered).as("seed %d round %d", SEED, round).isEqualTo(own);
        }
    }

    private static Checkpoint checkpoint(String run, String ancestor, String auxiliary, String target) {
        return new Checkpoint(1, run, 1, Map.of("ancestor", ancestor, "auxiliary", auxiliary, "target", target));
    }
}
