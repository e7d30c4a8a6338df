package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.PowerProfile;
import dev.weir.operators.setting.Setting;
import java.util.ArrayList;
import java.util.List;

/**
 * Post-hoc EMA: a power-function average of any width, from snapshots of averages of other widths. The coefficients are the
 * least-squares solution in the space of profiles: A_ij is the dot product of the profiles of snapshots i and j, b_i that with
 * the profile that is asked for; x = A^-1 b, divided by its sum, without which the weights shrink by 4 to 9 % at four snapshots.
 *
 * <p>Source: Karras et al., Analyzing and Improving the Training Dynamics of Diffusion Models (2024), appendix C.3.
 *
 * @param gammas exponent of each profile that was tracked; default those of the widths 0.05 and 0.1, 16.972 and 6.937
 * @param gamma exponent that is asked for; default that of the width 0.15, 3.558; widths lie between 0.001 and 1 / sqrt(12)
 * @param step trainer step at which the average is asked for, 0 or more; 0, the default: the newest snapshot's
 */
record PostHocEma(List<Double> gammas, double gamma, long step) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "post-hoc-ema",
            "A7",
            "Analyzing and Improving the Training Dynamics of Diffusion Models",
            "Karras et al. 2024, arXiv:2312.02696, appendix C.3",
            List.of(
                    Setting.numbers(
                            "tracked",
                            List.of(0.05, 0.1),
                            0.001,
                            PowerProfile.WIDEST,
                            "widths of the snapshots' profiles"),
                    Setting.number("sigma-rel", 0.15, 0.001, PowerProfile.WIDEST, "width that is asked for"),
                    Setting.integer("step", 0, 0, Long.MAX_VALUE, "step that is asked for; 0: the newest snapshot's")),
            Facts.of(
                    "K6 linear combination",
                    "x = A^-1 b / sum, A_ij = (g_i + 1)(g_j + 1)(t_i / t_j)^e / ((g_i + g_j + 1) max(t_i, t_j)),"
                            + " e = g_j if t_i < t_j, else -g_i",
                    "To choose the width of the average after training. The inputs are the snapshots of the first profile,"
                            + " oldest first, then those of the second at the same steps, and so on; four to eight of each"
                            + " are enough. The error of the profile that comes out is reported, and profiles too much alike"
                            + " to be told apart are refused. Of a running Weir, weir reconstruct does the same from the"
                            + " snapshots that it keeps of its power-ema channels."),
            List.of("snapshots"),
            settings -> new PostHocEma(
                    settings.numbers("tracked").stream()
                            .map(PowerProfile::gamma)
                            .toList(),
                    PowerProfile.gamma(settings.number("sigma-rel")),
                    settings.integer("step")));

    PostHocEma {
        gammas = List.copyOf(gammas);
    }

    @Override
    public Coefficients coefficients(Models models) {
        List<ProfileFit.Profile> snapshots = profiles(models);
        double newest =
                snapshots.stream().mapToDouble(ProfileFit.Profile::t).max().orElseThrow();
        double asked = step == 0 ? newest : step;
        if (newest != asked) {
            throw new IllegalArgumentException("operator post-hoc-ema: setting step: " + (long) asked
                    + " is not the newest snapshot's; allowed: " + (long) newest + ", or leave later snapshots out");
        }
        return ProfileFit.of(snapshots, new ProfileFit.Profile(asked, gamma))
                .merge()
                .coefficients(models);
    }

    private List<ProfileFit.Profile> profiles(Models models) {
        int snapshots = models.count() / gammas.size();
        if (models.count() % gammas.size() != 0) {
            throw new IllegalArgumentException("operator post-hoc-ema: " + models.count() + " snapshots of "
                    + gammas.size() + " profiles; allowed: as many of each");
        }
        List<ProfileFit.Profile> profiles = new ArrayList<>();
        for (int i = 0; i < models.count(); i++) {
            double t = models.steps().isEmpty()
                    ? i % snapshots + 1
                    : models.steps().get(i);
            if (t < 1 || (i >= snapshots && t != profiles.get(i - snapshots).t())) {
                throw new IllegalArgumentException("operator post-hoc-ema: snapshot " + (i + 1) + " is of step "
                        + (long) t + "; allowed: 1 or more, the same steps for each profile");
            }
            profiles.add(new ProfileFit.Profile(t, gammas.get(i / snapshots)));
        }
        return profiles;
    }
}
