package dev.weir.operators;

/**
 * Diverse weight averaging: the plain mean over independent runs from one initialisation, theta = (1 / K) sum theta_k, one
 * checkpoint a run; a run that comes again does not count twice.
 *
 * <p>Source: Ram&eacute; et al., Diverse Weight Averaging for Out-of-Distribution Generalization (2022), section 3.
 */
final class Diwa {

    static final OperatorSpec SPEC = UniformSoup.oncePerRun(
            "diwa",
            "B4",
            "Diverse Weight Averaging for Out-of-Distribution Generalization",
            "Ramé et al. 2022, arXiv:2205.09739, section 3",
            Facts.of(
                    "K1 weighted mean",
                    "theta = (1 / K) sum theta_k, one checkpoint of each run",
                    "For data unlike the training data: average runs with other hyper-parameters from one linear-probed"
                            + " model. Offline each file is a run, and the same file given twice counts once. The choice of the"
                            + " best subset is diwa-greedy."));

    private Diwa() {}
}
