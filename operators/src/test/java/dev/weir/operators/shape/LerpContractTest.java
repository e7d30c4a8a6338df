package dev.weir.operators.shape;

import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import java.util.Map;

final class LerpContractTest extends ShapeContract {
    @Override
    Operator operator() {
        return Operators.create("ema", Map.of("decay", 0.8));
    }

    @Override
    boolean orderFree() {
        return false;
    }
}
