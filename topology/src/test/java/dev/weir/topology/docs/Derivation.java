package dev.weir.topology.docs;

import java.util.List;

/**
 * What an operator's source leaves open, or what is known of it from memory alone, derived.
 *
 * @param operators whose pages state it
 * @param text the derivation, as Markdown
 * @param tests that pin it, as CLASS.METHOD
 */
record Derivation(List<String> operators, String text, List<String> tests) {

    private static Derivation of(String operator, String text, String... tests) {
        return new Derivation(List.of(operator), text, List.of(tests));
    }

    /** All of them, in the order of the entries. */
    static List<Derivation> all() {
        return List.of(
                of(
                        "aswa",
                        "At an epoch's end the trainer goes on from w, and w begins again: the next checkpoint counts 1 of 1. Were"
                                + " the count kept while the buffer holds the raw weights that it was swapped with, these would"
                                + " count as a whole epoch.",
                        "TrajectoryTest.a2BeginsAgainAtAnEpochsEnd",
                        "TrajectoryTest.a2WithinAnEpochItIsSwa"),
                of(
                        "naswa",
                        "The distance is taken over all tensors that match, not over the two whose numbers stand in the published"
                                + " code, and the list of distances is kept as a sum and a count. It is forgotten with the first step"
                                + " of a later epoch. Whoever is let in has a distance above the mean of those that were noted since"
                                + " the last one, its own included; a trainer that stands still never is.",
                        "NaswaTest.everyAcceptedDistanceExceedsTheMeanOfThoseNotedSinceTheLastOneEntered",
                        "NaswaTest.notesAreForgottenAtAnEpochsEnd",
                        "NaswaTest.onAConstantStreamOnlyTheFirstEntersAndNothingIsNoted"),
                of(
                        "ema",
                        "TensorFlow's warm-up, min(d, (1 + t) / (10 + t)), is `warm-up-offset: 10`, with t counting the updates after"
                                + " the first checkpoint, so that d_1 = 2 / 11 and the first model keeps 10! (T + 1)! / (T + 10)!"
                                + " after T of them. Since 1 - d_t = 9 / (10 + t), the others weigh nearly as in `power-ema` with"
                                + " `gamma: 8`, where it is about (gamma + 1) / t. `warm-up` has d_1 = 0 instead: nothing is left"
                                + " of the first model. With `half-life-ramp: 0.09` the half-life is at most 0.09 of the trainer"
                                + " steps so far, this checkpoint's included; at a cadence of dt steps that is a decay of"
                                + " 0.5^(dt / (0.09 t)), about 1 - 7.7 dt / t, so that it too begins as a power average, of"
                                + " exponent ln 2 / 0.09 - 1 = 6.7, and ends as an EMA.",
                        "DerivationsTest.a4TensorFlowsWarmUpIsAPowerAverage",
                        "DerivationsTest.a4ARampIsAPowerAverageToBeginWith",
                        "EmaTest.warmUpGivesTheGoldenDecays",
                        "EmaTest.tensorFlowsWarmUpGivesTheGoldenNumbers",
                        "EmaTest.aHalfLifeWithARampGivesTheGoldenDecays"),
                of(
                        "online-ensemble",
                        "Rows that come at checkpoint s must equal an average that began there. A second model does that: its first"
                                + " checkpoint is (m, r), the average of the old rows after s - 1 and the new rows of s, its second is"
                                + " checkpoint s. The first is copied; then m goes on as if nothing had been, and r + (1 - d)(r - r)"
                                + " is r, which the copy at s is, too: bit for bit in f32 and f64, where a version holds the state."
                                + " Rows that are in the layout from the beginning, and stand still at r_0 until s, differ from that"
                                + " by d^(n - s + 1) (r_s - r_0) after checkpoint n. Why a layout does not change in a log: chunks,"
                                + " states, keyframes and manifests are numbered through it.",
                        "GrowingHeadTest.aModelThatBeginsWithTheAverageAndTheNewRowsGoesOnBitForBit",
                        "GrowingHeadTest.newRowsWithACountOfTheirOwnAreCopiedFirstAndThenAnAverageThatBeganThere",
                        "GrowingHeadTest.rowsThatWereThereFromTheBeginningAndStoodStillDifferByAPowerOfTheDecay"),
                of(
                        "switch-ema",
                        "A trainer that takes m over and takes no step publishes m again; m + (1 - d)(m - m) is m bit for bit, which"
                                + " d m + (1 - d) m is not. So a switch needs no second state.",
                        "DerivationsTest.a6ASwitchIsAFixedPointOfTheLerp"),
                of(
                        "lawa",
                        "Latest weight averaging is the mean of the newest k. It is formed anew each time: w + (new - evicted) / k"
                                + " would keep every rounding error for ever. The shape of the cooldown that it stands for is the"
                                + " trainer's, and does not enter.",
                        "TrajectoryTest.a8TheRingIsTheMeanOfItsMembers"),
                new Derivation(
                        List.of("lcsc", "lcsc-search"),
                        "The paper's population, generations and window are not known here: those of `lcsc-search` are its own, and any"
                                + " coefficients that sum to 1 are taken. Rounding the inputs to f32 moves the result by at most 2^-24"
                                + " sum |a_i| |theta_i|, so that large coefficients of both signs need precise sources.",
                        List.of(
                                "MergeDerivationsTest.a10RoundingGrowsWithTheMagnitudes",
                                "TrajectoryMergesTest.a10OneHotAndAffine")),
                of(
                        "cotta-restore",
                        "The confidence below which the teacher's labels are averaged over augmentations belongs to the trainer's"
                                + " loss. The restore draws with its probability alone.",
                        "CottaRestoreTest.theShareThatIsRestoredIsTheProbability"),
                of(
                        "consistency-teacher",
                        "The teacher's decay is 0. An evaluation average beside it, of decay d, halves what was in ln 2 / (1 - d)"
                                + " checkpoints, 6,931 with 0.9999: choose d by that horizon.",
                        "DerivationsTest.a13ADecayHasAHalfLife",
                        "TrajectoryTest.a13PassesThroughBitForBit"),
                of(
                        "weight-centre",
                        "The sum of the penalties |theta_e - c|^2 over the epochs is least at their mean, so the centre is the running"
                                + " mean. The gradient of lambda |theta - c|^2 is 2 lambda (theta - c). The n-th checkpoint's distance"
                                + " from the mean that it has entered is 1 - 1 / n times that from the mean before.",
                        "DerivationsTest.a14TheMeanIsTheLeastPenalty",
                        "WeightCentreTest.distancesAreThoseFromTheCentreThatTheCheckpointHasEntered"),
                of(
                        "kalman",
                        "The paper has a filter over arrays of weights and losses. For one element: the weight walks at random with"
                                + " variance Q from checkpoint to checkpoint and is measured with variance R_t; nothing is known"
                                + " before the first, so P is infinite and it is copied. m is then the posterior mean. Q = 0 gives"
                                + " the plain mean, Q > 0 an EMA with 1 - d = (-q + sqrt(q^2 + 4 q)) / 2, q = Q / R, in the end.",
                        "DerivationsTest.a15TheFilterIsThePosteriorOfARandomWalk",
                        "TrajectoryTest.a15WithoutProcessNoiseItIsThePlainMean",
                        "TrajectoryTest.a15TheGainTendsToThatOfAnEma"),
                new Derivation(
                        List.of("greedy-soup", "diwa-greedy", "greedy-soup-search", "diwa-search"),
                        "A model stays if the soup's score rises (the published code of the soups), or if it does not fall (their"
                                + " recipe, and diverse weight averaging): these differ where scores tie. `accept-ties` chooses.",
                        List.of("ModelMergesTest.b2TiesAreRejectedOrAccepted")),
                of(
                        "fusing",
                        "Rounds that go a share a of the way, base <- (1 - a) base + a mean, with the same contributors are at mean +"
                                + " (1 - a)^r (base - mean) after r of them: an EMA over the rounds' means, of decay 1 - a.",
                        "FusingTest.roundsAreAnEmaOfTheMeans"),
                of(
                        "model-stock",
                        "The paper draws the angle of two models. Let N differences d_i from the base have one length l and pairwise"
                                + " cosine c; then |mean|^2 = l^2 (1 + (N - 1) c) / N. The point t mean that has with each d_i the"
                                + " product c l^2 that they have with each other satisfies t (1 + (N - 1) c) / N = c, the formula."
                                + " If models scatter alike around a centre, it is the multiple of the mean that is nearest to it."
                                + " Where lengths and angles differ, c is the mean over the pairs. Merging again and again during"
                                + " training is the same call with the merged model as the next start.",
                        "ModelStockTest.withEqualNormsAndAnglesItIsPerpendicularToTheModelsPlane",
                        "ModelStockTest.theCosineOfTwoVectorsIsTheMeanOverThePairs",
                        "ModelStockTest.theRatioIsTheLeastExpectedDistanceWhenModelsScatterAlikeAroundACentre"),
                of(
                        "bcwi",
                        "w is the new model's weight, 1 less that of the old one: at 0 nothing flips, at 1 it is the new model. Two"
                                + " rules choose it. `keep-accuracy` takes the smallest w whose accuracy is not below the new"
                                + " model's, which has the fewest flips among those that lose nothing; `flip-budget` takes the"
                                + " largest w within the budget. They differ.",
                        "BcwiTest.aWeightOfZeroIsTheOldModelAndOfOneTheNew",
                        "BcwiTest.repeatedOverReleasesItIsAnEma",
                        "JudgeTest.withoutABudgetTheSmallestWeightThatKeepsTheNewModelsAccuracyIsChosen",
                        "JudgeTest.theLargestWeightWithinTheBudgetIsChosen"),
                of(
                        "fisher-bcwi",
                        "Laplace's approximation gives the models' posteriors N(old, F_old^-1) and N(new, F_new^-1). The exponent of"
                                + " their product, to the powers 1 - w and w, is -(1 - w) F_old (theta - old)^2 / 2 - w F_new (theta"
                                + " - new)^2 / 2; its derivative is 0 at the formula above, so both Fishers enter. Each is divided by"
                                + " its mean, so that w does not depend on their scales.",
                        "ModelMergesTest.b9IsTheModeOfTheProduct",
                        "ModelMergesTest.b9EqualImportancesAreBcwi"),
                of(
                        "soup-bcwi",
                        "Interpolation is linear, so that going to the mean of several new models is the mean of going to each.",
                        "MergeDerivationsTest.b9TheSoupIsTheMeanOfTheInterpolations",
                        "ModelMergesTest.b9SoupWithOneModelIsBcwi"),
                of(
                        "regmean",
                        "a G + (1 - a) diag(G) has no eigenvalue below (1 - a) times the least element of the diagonal, G being"
                                + " positive semidefinite. So any a < 1 can be solved, however few the examples were; a = 1 is the"
                                + " exact least squares. The default of 0.9 is the paper's for most models, 0.1 its value for T5.",
                        "GramMergeTest.aFactorBelowOneSolvesWhatFewExamplesLeaveSingular",
                        "GramMergeTest.theMergeMinimisesTheDistanceOfOutputs"),
                of(
                        "swamp",
                        "There are as many particles as inputs. Pruning a share p of what is left in each round gives a sparsity of"
                                + " 1 - (1 - p)^r after r rounds: 0.2, 0.36, 0.488 with p = 0.2. Zeros are the smallest magnitudes,"
                                + " so that nothing that was pruned comes back.",
                        "ModelMergeTest.b14TheMaskIsExactAndMonotone",
                        "ModelMergesTest.b14EachRoundPrunesAShareOfWhatIsLeft",
                        "ModelMergesTest.b14TheTwoLevelMeanIsTheFlatOne"),
                of(
                        "moe-reduction",
                        "Between K experts on each side that count alike, a transport plan of least squared distance is a linear"
                                + " assignment, and weight matching finds it: the permutation with the largest inner product has the"
                                + " least distance. So `weir align` with a permutation spec puts the experts of a machine into the"
                                + " anchor's order, and which order they had before does not matter:\n\n    gate.weight: [experts,"
                                + " null]\n    gate.bias: [experts]\n    experts.*.weight: [experts, null, null]\n\nThe star stands for"
                                + " the number in the names `experts.0.weight`, `experts.1.weight` and so on; experts in one tensor"
                                + " have an axis of it: `experts.weight: [experts, null, null]`. Then `weir merge --operator"
                                + " moe-reduction --set examples=N1,N2 -o merged.safetensors machine-1.safetensors"
                                + " aligned-2.safetensors`.",
                        "AlignVerbTest.whicheverOrderTheExpertsOfAMachineAreInTheReducedMixtureIsTheSame",
                        "ModelMergesTest.b22OneMachine"),
                new Derivation(
                        List.of("rank-sum", "two-level-rank-sum"),
                        "Of sum_t |r - r_t|^2 over the tasks, with r a ranking, only -2 sum_i r_i sum_t r_it depends on r, and that is"
                                + " least where r orders the candidates as their sums do: the exact median under Spearman's distance."
                                + " Under Kendall's it is at most five times as far from the tasks as the Kemeny median.",
                        List.of(
                                "RankAggregationTest.ranksSumToTheMedianUnderSpearmansDistance",
                                "RankAggregationTest.kemenyIsTheBestOfAllOrdersAndRanksSumToAtMostFiveTimesIt")),
                of(
                        "kemeny",
                        "The order with the fewest pairs that tasks see the other way round, found among all orders.",
                        "RankAggregationTest.kemenyIsTheBestOfAllOrdersAndRanksSumToAtMostFiveTimesIt"),
                of(
                        "bradley-terry",
                        "The log-likelihood sum w_ij ln(s_i / (s_i + s_j)) has the slope (1 / s_i) sum_j w_ij s_j / (s_i + s_j) - sum_j"
                                + " w_ji / (s_i + s_j) by s_i; the step goes to its zero with the others fixed, so that the"
                                + " likelihood never falls. With the prior, 1 / (s_i + 1) stands in both sums, and nothing is"
                                + " divided by the geometric mean, which would move the optimum.",
                        "BradleyTerryTest.theFixedPointIsZermelosAndTheLikelihoodNeverFalls",
                        "BradleyTerryTest.thePriorMovesTheOptimumItselfAndGivesEveryoneABound"),
                of(
                        "online-platt",
                        "The log loss has the gradient g = (p - y) x, x = (logit f, 1). The online Newton step is A <- A + g g^T,"
                                + " theta <- the point of |theta| <= D that is nearest to theta - A^-1 g / gamma in A's norm, from A ="
                                + " I / (gamma D)^2. That point is (A + mu I)^-1 A theta with the mu at which its length is D. The"
                                + " default of D is 10, not the 100 that the paper is said to use: the regret was smaller.",
                        "OnlinePlattTest.regretAgainstTheBestScalingGrowsLikeTheLogarithm",
                        "OnlinePlattTest.parametersStayWithinTheRadius"),
                of(
                        "flips",
                        "Backward error compatibility is n00 / (n00 + n10), the share of the new model's errors that the old one made"
                                + " too: 1 - NFI.\n\nTwo candidates against the same old model are compared on the examples that one of them"
                                + " breaks and the other does not, by McNemar's test: the rest says nothing about which is worse."
                                + " Examples of one cluster are drawn together in each replicate of the bootstrap. k examples that"
                                + " are copies of one another widen its intervals by the root of k, to what as many clusters"
                                + " give; tests and other intervals take every example for independent.\n\nWho looks after every"
                                + " example has many chances to see a fixed-n interval leave out the truth. The bounds for every"
                                + " look keep each share p whose likelihood is above alpha times the likelihood averaged over"
                                + " Beta(1/2, 1/2). The ratio of both is a martingale at the true p, and by Ville's inequality"
                                + " reaches 1 / alpha with probability alpha at most. The prior costs the same, about ln(pi n / 2)"
                                + " / 2, at every share; the uniform one costs more near 0, where negative flip rates are. They"
                                + " are of one candidate: of several, each has its own.",
                        "FlipCountsTest.identitiesHoldForRandomCounts",
                        "PairedFlipsTest.threeAgainstNineHasItsGoldenNumbers",
                        "FlipClustersTest.clustersOfIdenticalExamplesWidenTheIntervalByTheRootOfTheirSize",
                        "ConfidenceSequenceTest.lookedAtAfterEachExampleItKeepsTheTruthWhereWilsonsIntervalDoesNot"));
    }
}
