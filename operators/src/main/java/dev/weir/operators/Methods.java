package dev.weir.operators;

import dev.weir.operators.align.WeightMatching;
import dev.weir.operators.choice.BradleyTerry;
import dev.weir.operators.choice.ConvexEnsemble;
import dev.weir.operators.choice.NashAveraging;
import dev.weir.operators.choice.OnlinePlatt;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.gram.RegMean;
import java.util.List;

/** Every method of whole layers, and of evaluations where it is no rule over scores. */
public final class Methods {
    private static final List<MethodSpec> ALL = List.of(
            RegMean.SPEC,
            WeightMatching.SPEC,
            NashAveraging.AGENTS,
            BradleyTerry.SPEC,
            ConvexEnsemble.SPEC,
            OnlinePlatt.SPEC,
            FlipReport.SPEC);

    private Methods() {}

    public static List<MethodSpec> all() {
        return ALL;
    }
}
