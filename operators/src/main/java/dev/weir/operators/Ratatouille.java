package dev.weir.operators;

/**
 * Model ratatouille: the plain mean of models fine-tuned on the target task, theta = (1 / K) sum theta_k, theta_k started
 * from weights fine-tuned on auxiliary task k.
 *
 * <p>Source: Ram&eacute; et al., Model Ratatouille: Recycling Diverse Models for Out-of-Distribution Generalization (2023),
 * section 2.
 */
final class Ratatouille {

    static final OperatorSpec SPEC = UniformSoup.oncePerRun(
            "ratatouille",
            "B5",
            "Model Ratatouille: Recycling Diverse Models for Out-of-Distribution Generalization",
            "Ramé et al. 2023, arXiv:2212.10445, section 2",
            Facts.of(
                            "K1 weighted mean",
                            "theta = (1 / K) sum theta_k, theta_k fine-tuned on the target from auxiliary weights k",
                            "As diwa, with more diverse ingredients. Handing auxiliary weights to the runs, and that they are of"
                                    + " other tasks and of one pre-trained ancestor, is the trainers' part: layouts are"
                                    + " compared, ancestors are not.")
                    .feedingBack());

    private Ratatouille() {}
}
