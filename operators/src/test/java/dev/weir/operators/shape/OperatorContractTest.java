package dev.weir.operators.shape;

import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/** Every operator of a stream keeps the contract of its shape. */
final class OperatorContractTest {

    @Nested
    @DisplayName("A1 swa")
    class Swa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("swa", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("A2 aswa")
    class Aswa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("aswa", Map.of("epoch-steps", 2));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6.5;
        }
    }

    @Nested
    @DisplayName("A2 naswa")
    class Naswa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("naswa", Map.of());
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            // 2 is at 1 from the mean 1, enters: 1.5; 3 is at 1.5 > 1, enters: 2; 10 is at 8, enters.
            return 4;
        }
    }

    @Nested
    @DisplayName("A3 swag")
    class Swag extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("swag", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("A4 ema")
    class Ema extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("ema", Map.of("decay", 0.8));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 3.248;
        }
    }

    @Nested
    @DisplayName("A5 online-ensemble")
    class OnlineEnsemble extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("online-ensemble", Map.of());
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 1.119601;
        }
    }

    @Nested
    @DisplayName("A5 online-ensemble")
    class OnlineEnsembleAgain extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("online-ensemble", Map.of("weighting", "linear"));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 5.4;
        }
    }

    @Nested
    @DisplayName("A6 switch-ema")
    class SwitchEma extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create(
                    "switch-ema", Map.of("decay", 0.9, "warm-up", "linear", "warm-up-updates", 4, "ratio", 0.5));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 3.65693359375;
        }
    }

    @Nested
    @DisplayName("A7 power-ema")
    class PowerEma extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("power-ema", Map.of("gamma", 1));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 5.75;
        }
    }

    @Nested
    @DisplayName("A8 lawa")
    class Lawa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("lawa", Map.of("window", 2));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6.5;
        }
    }

    @Nested
    @DisplayName("A8 windowed-swa")
    class WindowedSwa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("windowed-swa", Map.of("window", 2, "every", 1, "windows", 1));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6.5;
        }
    }

    @Nested
    @DisplayName("A8 windowed-swa")
    class WindowedSwaAgain extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("windowed-swa", Map.of("window", 2, "every", 1, "windows", 3));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("A9 schedule-free")
    class ScheduleFree extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("schedule-free", Map.of("warm-up", 4));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 196 / 30.0;
        }
    }

    @Nested
    @DisplayName("A11 sma")
    class Sma extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("sma", Map.of("from-step", 3));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6.5;
        }
    }

    @Nested
    @DisplayName("A11 wakd")
    class Wakd extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("wakd", Map.of("from-step", 2));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 5;
        }
    }

    @Nested
    @DisplayName("A12 cotta-teacher")
    class CottaTeacher extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("cotta-teacher", Map.of("decay", 0.8));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 3.248;
        }
    }

    @Nested
    @DisplayName("A12 cotta-restore")
    class CottaRestore extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("cotta-restore", Map.of("probability", 1));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 1;
        }
    }

    @Nested
    @DisplayName("A13 consistency-teacher")
    class ConsistencyTeacher extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("consistency-teacher", Map.of());
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 10;
        }
    }

    @Nested
    @DisplayName("A14 weight-centre")
    class WeightCentre extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("weight-centre", Map.of("from-step", 3));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6.5;
        }
    }

    @Nested
    @DisplayName("A15 kalman")
    class Kalman extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("kalman", Map.of("process-noise", 0.3));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 5.595348222545263;
        }
    }

    @Nested
    @DisplayName("B1 uniform-soup")
    class UniformSoup extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("uniform-soup", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("B4 diwa")
    class Diwa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("diwa", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }

        @Override
        String run(int number) {
            return "run-" + number;
        }
    }

    @Nested
    @DisplayName("B5 ratatouille")
    class Ratatouille extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("ratatouille", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }

        @Override
        String run(int number) {
            return "run-" + number;
        }
    }

    @Nested
    @DisplayName("B6 fusing")
    class Fusing extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("fusing", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("B6 fusing, from a base")
    class FusingFromABase extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("fusing", Map.of("share", 0.5));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 3;
        }
    }

    @Nested
    @DisplayName("B6 fusing, in rounds")
    class FusingInRounds extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("fusing", Map.of("share", 0.5, "models", 2));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            // 1, then half-way to the mean of 2 and 3, then half-way to 10.
            return 5.875;
        }
    }

    @Nested
    @DisplayName("B7 model-stock")
    class ModelStock extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("model-stock", Map.of());
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            // All point the same way from 1: t = 1, the mean of 2, 3 and 10.
            return 5;
        }
    }

    @Nested
    @DisplayName("B9 bcwi")
    class Bcwi extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("bcwi", Map.of("new-weight", 0.25));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 3.765625;
        }
    }

    @Nested
    @DisplayName("B10 fisher")
    class Fisher extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("fisher", Map.of());
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("B10 fisher, no floor")
    class FisherWithoutFloor extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("fisher", Map.of("floor", 0, "normalise", "mean", "lambdas", "1,1,1,3"));
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 6;
        }
    }

    @Nested
    @DisplayName("B11 gradient-matching")
    class GradientMatching extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("gradient-matching", Map.of());
        }

        @Override
        float even() {
            return 0;
        }

        @Override
        boolean orderFree() {
            return false;
        }

        @Override
        double ofOneTwoThreeTen() {
            // No Hessian anywhere: the models alike, the base not.
            return 5;
        }
    }

    @Nested
    @DisplayName("B13 sparse-soup")
    class SparseSoup extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("sparse-soup", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }

    @Nested
    @DisplayName("B15 dcwa")
    class Dcwa extends ShapeContract {
        @Override
        Operator operator() {
            return Operators.create("dcwa", Map.of());
        }

        @Override
        boolean orderFree() {
            return true;
        }

        @Override
        double ofOneTwoThreeTen() {
            return 4;
        }
    }
}
