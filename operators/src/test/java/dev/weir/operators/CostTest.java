package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.merge.LinearMerge;
import dev.weir.operators.merge.MergeSpec;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the catalogue says of costs is what the operators ask for. */
final class CostTest {

    @Test
    void whatAsksForSumsBeforeAnElementSaysSo() {
        EnumSet<Cost> sums = EnumSet.of(Cost.TENSOR, Cost.MODEL);
        for (OperatorSpec spec : Operators.all()) {
            Operator operator = spec.create(Map.of());
            boolean asks = operator.shape().reductions() > 0
                    || operator instanceof FisherMerging fisher && fisher.normalisation() != Normalisation.NONE;
            assertThat(sums.contains(spec.facts().cost())).as(spec.name()).isEqualTo(asks);
        }
    }

    @Test
    void linearMergesThatAskForProductsOfTensorsSaySo() {
        for (Spec spec : Catalogue.all()) {
            if (spec instanceof MergeSpec merge && merge.create(Map.of()) instanceof LinearMerge linear) {
                assertThat(spec.facts().cost() == Cost.TENSOR).as(spec.name()).isEqualTo(linear.needsGrams());
            }
        }
    }

    @Test
    void onlyWhatTakesNoWeightsCostsEvaluationsAlone() {
        List<String> weights = List.of("checkpoints", "y");
        for (Spec spec : Catalogue.all()) {
            assertThat(spec.facts().cost() == Cost.EVALUATIONS)
                    .as(spec.name())
                    .isEqualTo(spec.facts().inputs().stream().noneMatch(weights::contains));
        }
    }
}
