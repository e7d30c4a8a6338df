package dev.weir.operators.shape;

import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import java.util.Map;

final class WeightedMeanContractTest extends ShapeContract {
    @Override
    Operator operator() {
        return Operators.create("swa", Map.of());
    }

    @Override
    boolean orderFree() {
        return true;
    }
}
