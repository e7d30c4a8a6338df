package dev.weir.operators.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Operators;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every operator of a stream keeps the contract of its shape. */
final class OperatorContractTest {
    /** What is the plain mean, by its definition and without a setting that could change it. */
    private static final Set<String> PLAIN_MEANS = Set.of("B15 dcwa");

    @Test
    void everyOperatorIsHereUnderItsEntry() throws ReflectiveOperationException {
        Set<String> here = new TreeSet<>();
        for (Class<?> nested : rows()) {
            String entry = row(nested).entry();
            assertThat(nested.getAnnotation(DisplayName.class).value().split(",")[0])
                    .isEqualTo(entry);
            here.add(entry);
        }
        assertThat(here).isEqualTo(all());
    }

    @Test
    void everyOperatorHasARowInWhichItIsNotTheMean() throws ReflectiveOperationException {
        Set<String> differing = new TreeSet<>(PLAIN_MEANS);
        for (Class<?> nested : rows()) {
            if (row(nested).differsFromTheMean()) {
                assertThat(PLAIN_MEANS).doesNotContain(row(nested).entry());
                differing.add(row(nested).entry());
            }
        }
        assertThat(differing).isEqualTo(all());
    }

    private static Set<String> all() {
        return Operators.all().stream()
                .map(spec -> spec.id() + " " + spec.name())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Class<?>> rows() {
        return Arrays.stream(OperatorContractTest.class.getDeclaredClasses())
                .filter(nested -> nested.isAnnotationPresent(Nested.class))
                .toList();
    }

    private ShapeContract row(Class<?> nested) throws ReflectiveOperationException {
        return (ShapeContract)
                nested.getDeclaredConstructor(OperatorContractTest.class).newInstance(this);
    }

    @Nested
    @DisplayName("A1 swa")
    class Swa extends ShapeContract {
        Swa() {
            super("swa", Map.of(), true, 4);
        }
    }

    @Nested
    @DisplayName("A1 swa, from a step")
    class SwaFromAStep extends ShapeContract {
        SwaFromAStep() {
            super("swa", Map.of("from-step", 3), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A2 aswa")
    class Aswa extends ShapeContract {
        Aswa() {
            super("aswa", Map.of("epoch-steps", 2), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A2 naswa")
    class Naswa extends ShapeContract {
        Naswa() {
            // 10 is at 9 from 1, enters: 5.5; 3 is at 2.5 and 2 at 3.5, below the mean of what is noted: pass by.
            super("naswa", Map.of(), false, 5.5);
        }

        @Override
        double[] values() {
            return new double[] {1, 10, 3, 2};
        }
    }

    @Nested
    @DisplayName("A3 swag")
    class Swag extends ShapeContract {
        Swag() {
            super("swag", Map.of(), true, 4);
        }
    }

    @Nested
    @DisplayName("A3 swag, from a step")
    class SwagFromAStep extends ShapeContract {
        SwagFromAStep() {
            super("swag", Map.of("from-step", 3), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A4 ema")
    class Ema extends ShapeContract {
        Ema() {
            super("ema", Map.of("decay", 0.8), false, 3.248);
        }
    }

    @Nested
    @DisplayName("A5 online-ensemble")
    class OnlineEnsemble extends ShapeContract {
        OnlineEnsemble() {
            super("online-ensemble", Map.of(), false, 1.119601);
        }
    }

    @Nested
    @DisplayName("A5 online-ensemble")
    class OnlineEnsembleAgain extends ShapeContract {
        OnlineEnsembleAgain() {
            super("online-ensemble", Map.of("weighting", "linear"), false, 5.4);
        }
    }

    @Nested
    @DisplayName("A6 switch-ema")
    class SwitchEma extends ShapeContract {
        SwitchEma() {
            super(
                    "switch-ema",
                    Map.of("decay", 0.9, "warm-up", "linear", "warm-up-updates", 4, "ratio", 0.5),
                    false,
                    3.65693359375);
        }
    }

    @Nested
    @DisplayName("A7 power-ema")
    class PowerEma extends ShapeContract {
        PowerEma() {
            super("power-ema", Map.of("gamma", 1), false, 5.75);
        }
    }

    @Nested
    @DisplayName("A8 lawa")
    class Lawa extends ShapeContract {
        Lawa() {
            super("lawa", Map.of("window", 2), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A8 windowed-swa")
    class WindowedSwa extends ShapeContract {
        WindowedSwa() {
            super("windowed-swa", Map.of("window", 2, "every", 1, "windows", 1), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A8 windowed-swa")
    class WindowedSwaAgain extends ShapeContract {
        WindowedSwaAgain() {
            super("windowed-swa", Map.of("window", 2, "every", 1, "windows", 3), false, 4);
        }
    }

    @Nested
    @DisplayName("A9 schedule-free")
    class ScheduleFree extends ShapeContract {
        ScheduleFree() {
            super("schedule-free", Map.of("warm-up", 4), false, 196 / 30.0);
        }
    }

    @Nested
    @DisplayName("A11 sma")
    class Sma extends ShapeContract {
        Sma() {
            super("sma", Map.of("from-step", 3), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A11 wakd")
    class Wakd extends ShapeContract {
        Wakd() {
            super("wakd", Map.of("from-step", 2), false, 5);
        }
    }

    @Nested
    @DisplayName("A12 cotta-teacher")
    class CottaTeacher extends ShapeContract {
        CottaTeacher() {
            super("cotta-teacher", Map.of("decay", 0.8), false, 3.248);
        }
    }

    @Nested
    @DisplayName("A12 cotta-restore")
    class CottaRestore extends ShapeContract {
        CottaRestore() {
            super("cotta-restore", Map.of("probability", 1), false, 1);
        }
    }

    @Nested
    @DisplayName("A13 consistency-teacher")
    class ConsistencyTeacher extends ShapeContract {
        ConsistencyTeacher() {
            super("consistency-teacher", Map.of(), false, 10);
        }
    }

    @Nested
    @DisplayName("A14 weight-centre")
    class WeightCentre extends ShapeContract {
        WeightCentre() {
            super("weight-centre", Map.of("from-step", 3), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A14 weight-centre, with distances")
    class WeightCentreWithDistances extends ShapeContract {
        WeightCentreWithDistances() {
            super("weight-centre", Map.of("from-step", 3, "distances", true), false, 6.5);
        }
    }

    @Nested
    @DisplayName("A15 kalman")
    class Kalman extends ShapeContract {
        Kalman() {
            super("kalman", Map.of("process-noise", 0.3), false, 5.595348222545263);
        }
    }

    @Nested
    @DisplayName("B1 uniform-soup")
    class UniformSoup extends ShapeContract {
        UniformSoup() {
            super("uniform-soup", Map.of(), true, 4);
        }
    }

    @Nested
    @DisplayName("B1 uniform-soup, weighed")
    class UniformSoupWeighed extends ShapeContract {
        UniformSoupWeighed() {
            super("uniform-soup", Map.of("weights", "1,1,1,3"), false, 6);
        }
    }

    @Nested
    @DisplayName("B4 diwa")
    class Diwa extends ShapeContract {
        Diwa() {
            super("diwa", Map.of(), true, 4);
        }

        @Override
        String run(int number) {
            return "run-" + number;
        }
    }

    @Nested
    @DisplayName("B4 diwa, a run twice")
    class DiwaOfARunTwice extends ShapeContract {
        DiwaOfARunTwice() {
            // 3 is of the run that brought 2.
            super("diwa", Map.of(), false, 13 / 3.0);
        }

        @Override
        String run(int number) {
            return number == 2 ? "run-1" : "run-" + number;
        }
    }

    @Nested
    @DisplayName("B5 ratatouille")
    class Ratatouille extends ShapeContract {
        Ratatouille() {
            super("ratatouille", Map.of(), true, 4);
        }

        @Override
        String run(int number) {
            return "run-" + number;
        }
    }

    @Nested
    @DisplayName("B5 ratatouille, a run twice")
    class RatatouilleOfARunTwice extends ShapeContract {
        RatatouilleOfARunTwice() {
            // 3 is of the run that brought 2.
            super("ratatouille", Map.of(), false, 13 / 3.0);
        }

        @Override
        String run(int number) {
            return number == 2 ? "run-1" : "run-" + number;
        }
    }

    @Nested
    @DisplayName("B6 fusing")
    class Fusing extends ShapeContract {
        Fusing() {
            super("fusing", Map.of(), true, 4);
        }
    }

    @Nested
    @DisplayName("B6 fusing, from a base")
    class FusingFromABase extends ShapeContract {
        FusingFromABase() {
            super("fusing", Map.of("share", 0.5), false, 3);
        }
    }

    @Nested
    @DisplayName("B6 fusing, in rounds")
    class FusingInRounds extends ShapeContract {
        FusingInRounds() {
            // 1, then half-way to the mean of 2 and 3, then half-way to 10.
            super("fusing", Map.of("share", 0.5, "models", 2), false, 5.875);
        }
    }

    @Nested
    @DisplayName("B7 model-stock")
    class ModelStock extends ShapeContract {
        ModelStock() {
            // All point the same way from 1: t = 1, the mean of 2, 3 and 10.
            super("model-stock", Map.of(), false, 5);
        }
    }

    @Nested
    @DisplayName("B9 bcwi")
    class Bcwi extends ShapeContract {
        Bcwi() {
            super("bcwi", Map.of("new-weight", 0.25), false, 3.765625);
        }
    }

    @Nested
    @DisplayName("B10 fisher")
    class Fisher extends ShapeContract {
        Fisher() {
            super("fisher", Map.of(), false, 4);
        }
    }

    @Nested
    @DisplayName("B10 fisher, no floor")
    class FisherWithoutFloor extends ShapeContract {
        FisherWithoutFloor() {
            super("fisher", Map.of("floor", 0, "normalise", "mean", "lambdas", "1,1,1,3"), false, 6);
        }
    }

    @Nested
    @DisplayName("B11 gradient-matching")
    class GradientMatching extends ShapeContract {
        GradientMatching() {
            // No Hessian anywhere: the models alike, the base not.
            super("gradient-matching", Map.of(), false, 5);
        }

        @Override
        float even() {
            return 0;
        }
    }

    @Nested
    @DisplayName("B13 sparse-soup")
    class SparseSoup extends ShapeContract {
        SparseSoup() {
            super("sparse-soup", Map.of(), true, 4);
        }
    }

    @Nested
    @DisplayName("B13 sparse-soup, weighed")
    class SparseSoupWeighed extends ShapeContract {
        SparseSoupWeighed() {
            super("sparse-soup", Map.of("weights", "1,1,1,3"), false, 6);
        }
    }

    @Nested
    @DisplayName("B15 dcwa")
    class Dcwa extends ShapeContract {
        Dcwa() {
            super("dcwa", Map.of(), true, 4);
        }
    }
}
