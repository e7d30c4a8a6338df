package dev.weir.it.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.it.results.Picture.Axis;
import dev.weir.it.results.Picture.Line;
import dev.weir.it.results.WeightProfiles.Profile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The page docs/operators/weights.md; {@code -Dweir.write-docs=true} writes it and draws its pictures. */
final class WeightProfilesTest {
    private static final Map<String, List<Profile>> PROFILES = WeightProfiles.all();

    @Test
    void thePageHasEveryProfile() throws IOException {
        StringBuilder page = new StringBuilder("""
                # How much each checkpoint counts

                Written by `make operator-results`; `WeightProfilesTest` compares every number.

                Effective weights in the average after %d checkpoints, 20 trainer steps apart, as the operators give them; they sum to 1. The
                mean age is how many checkpoints the average lags behind the newest one. The effective number is 1 / sum w^2:
                noise that is independent from checkpoint to checkpoint falls by its root. The pictures add the weights up: the share of
                the average that checkpoints up to this one have.
                """.formatted(WeightProfiles.CHECKPOINTS));
        for (Map.Entry<String, List<Profile>> entry : PROFILES.entrySet()) {
            String operator = entry.getKey();
            if (MeasuredPage.writing()) {
                draw(operator, entry.getValue());
            }
            assertThat(MeasuredPage.picture("weights-" + operator)).isNotEmptyFile();
            page.append("\n## `%s`%n%n".formatted(operator))
                    .append("![Share of `%s` up to each checkpoint](pictures/weights-%s.png)%n%n"
                            .formatted(operator, operator))
                    .append("| [`%s`](%s.md) | mean age | effective number |\n|---|---|---|\n"
                            .formatted(operator, operator));
            entry.getValue()
                    .forEach(profile -> page.append(String.format(
                            Locale.ROOT,
                            "| %s | %.2f | %.2f |%n",
                            profile.settings(),
                            profile.meanAge(),
                            profile.effectiveNumber())));
        }
        MeasuredPage.assertUpToDate("weights.md", page.toString());
    }

    @Test
    void weightsSumToOne() {
        PROFILES.values().stream()
                .flatMap(List::stream)
                .forEach(profile ->
                        assertThat(Arrays.stream(profile.weights()).sum()).isCloseTo(1, within(1e-12)));
    }

    @Test
    void aPlainMeanHasTheKnownAgeAndNumber() {
        Profile all = Objects.requireNonNull(PROFILES.get("swa")).getFirst();
        assertThat(all.meanAge()).isCloseTo(29.5, within(1e-12));
        assertThat(all.effectiveNumber()).isCloseTo(60, within(1e-10));
    }

    private static void draw(String operator, List<Profile> profiles) throws IOException {
        Picture.write(
                MeasuredPage.picture("weights-" + operator),
                480,
                LegendPosition.InsideNW,
                new Axis("checkpoint", 0, WeightProfiles.CHECKPOINTS, "0"),
                new Axis("share up to this checkpoint", 0, 1, "0.0"),
                profiles.stream()
                        .map(profile -> new Line(
                                profile.settings(),
                                IntStream.rangeClosed(1, profile.weights().length)
                                        .mapToObj(i -> (double) i)
                                        .toList(),
                                profile.upTo()))
                        .toList());
    }
}
