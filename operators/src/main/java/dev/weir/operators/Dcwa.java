package dev.weir.operators;

import java.util.List;

/**
 * Deep combinatorial weight averaging: the mean over the copies that every component of a network was trained in, theta_c =
 * (1 / N) sum_n theta_c,n. The components are averaged each by itself, so that layers and channels as components give the
 * same mean.
 *
 * <p>Source: Shen and Cremers, Deep Combinatorial Aggregation (2022), section 3.
 */
final class Dcwa {

    static final OperatorSpec SPEC = new OperatorSpec(
            "dcwa",
            "B15",
            "Deep Combinatorial Aggregation",
            "Shen, Cremers 2022, section 3",
            List.of(),
            Facts.of(
                    "K1 weighted mean",
                    "theta_c = (1 / N) sum_n theta_c,n for each component c",
                    "For networks trained with N copies of each component: publish copy n of all components as checkpoint n."
                            + " The training with its consistency loss is the trainer's part; BatchNorm layers are not copied:"
                            + " estimate them again."),
            settings -> new UniformSoup(false));

    private Dcwa() {}
}
