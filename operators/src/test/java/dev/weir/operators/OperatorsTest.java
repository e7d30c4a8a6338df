package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.operators.choice.RuleSpec;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.operators.merge.Merges;
import dev.weir.operators.setting.Setting;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OperatorsTest {
    private static final Set<Setting.Kind> NUMERIC =
            EnumSet.of(Setting.Kind.NUMBER, Setting.Kind.INTEGER, Setting.Kind.NUMBERS);

    @Test
    void anUnknownOperatorIsRefusedWithTheKnownOnes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("emma", Map.of()))
                .withMessageStartingWith("operator emma: unknown; allowed: ema, swa, bcwi");
    }

    @Test
    void anUnknownSettingIsRefusedWithTheKnownOnes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("swa", Map.of("form-step", 1)))
                .withMessage("operator swa: setting form-step: unknown; allowed: from-step, every");
    }

    @Test
    void settingsThatExcludeEachOtherAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("ema", Map.of("decay", 0.9, "half-life", 10)))
                .withMessageContaining("exclude each other");
        for (String other : List.of("half-life", "warm-up", "bias-correction")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Operators.create(
                            "ema", Map.of("warm-up-offset", 10, other, other.equals("half-life") ? 10 : true)))
                    .withMessageContaining("exclude each other");
        }
    }

    @Test
    void aSettingThatWouldDoNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("ema", Map.of("power", 1)))
                .withMessageContaining("does nothing without warm-up");
    }

    @TestFactory
    Stream<DynamicTest> everyNumberIsRefusedJustOutsideItsBounds() {
        return Catalogue.all().stream()
                .flatMap(spec -> spec.settings().stream()
                        .filter(setting -> NUMERIC.contains(setting.kind()))
                        .flatMap(setting -> Stream.of(below(setting), above(setting), "x", "NaN", "")
                                .filter(value -> !value.equals("none"))
                                .map(value -> DynamicTest.dynamicTest(
                                        spec.name() + " " + setting.name() + "=" + value, () -> {
                                            Map<String, Object> given = new HashMap<>();
                                            given.put(setting.name(), value);
                                            assertThatIllegalArgumentException()
                                                    .isThrownBy(() -> create(spec, given))
                                                    .withMessageContaining("setting " + setting.name())
                                                    .withMessageContaining(setting.allowed());
                                        }))));
    }

    @ParameterizedTest
    @CsvSource({
        "layer-wise,layers,0,1",
        "tinting,layers,-1e6,1e6",
        "learned-soup,logits,-1e6,1e6",
    })
    void everyNumberInATextIsRefusedJustOutsideItsBounds(String merge, String setting, double min, double max) {
        Spec spec = Catalogue.spec(merge);
        for (double inside : new double[] {min, max}) {
            create(spec, Map.of(setting, "*:" + inside));
        }
        for (double outside : new double[] {Math.nextDown(min), Math.nextUp(max), Double.NaN}) {
            for (String text : List.of("*:" + outside, "a:" + min + ",b:" + outside)) {
                assertThatIllegalArgumentException()
                        .as(text)
                        .isThrownBy(() -> create(spec, Map.of(setting, text)))
                        .withMessageContaining("setting " + setting)
                        .withMessageContaining(
                                outside + " is not allowed; allowed: numbers from " + min + " to " + max);
            }
        }
    }

    @Test
    void everyOperatorHasUsableDefaults() {
        assertThat(Operators.all())
                .allSatisfy(spec -> assertThat(spec.create(Map.of())).isNotNull());
    }

    @ParameterizedTest
    @CsvSource({
        "ema,half-life-ramp,0.09",
        "swag,seed,1",
        "swag,scale,1",
        "switch-ema,ratio,0.5",
        "switch-ema,warm-up-updates,10",
        "swamp,prune,w*",
        "moerging,softmax,true",
        "learned-soup,temperature,2"
    })
    void aSettingWithoutEffectIsRefused(String operator, String setting, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(Catalogue.spec(operator), Map.of(setting, value)))
                .withMessageContaining("setting " + setting + " does nothing without");
    }

    @Test
    void namesAreUniqueAndEveryEntryIsThere() {
        assertThat(Catalogue.all().stream().map(Spec::name)).doesNotHaveDuplicates();
        assertThat(Catalogue.all().stream().map(Spec::id).distinct())
                .containsExactlyElementsOf(Stream.of(ids("A", 15), ids("B", 22), ids("D", 7), Stream.of("N"))
                        .flatMap(ids -> ids)
                        .toList());
    }

    @Test
    void everyMergeHasUsableDefaults() {
        assertThat(Merges.all())
                .allSatisfy(spec -> assertThat(spec.create(Map.of())).isNotNull());
    }

    private static Stream<String> ids(String family, int last) {
        return IntStream.rangeClosed(1, last).mapToObj(number -> family + number);
    }

    private static void create(Spec spec, Map<String, ?> given) {
        switch (spec) {
            case OperatorSpec stream -> stream.create(given);
            case MergeSpec merge -> merge.create(given);
            case SearchSpec search -> search.create(given);
            case RuleSpec rule -> rule.create(given);
            case MethodSpec method -> method.read(given);
            default -> throw new AssertionError(spec);
        }
    }

    private static String below(Setting setting) {
        return setting.kind() == Setting.Kind.INTEGER
                ? Long.toString((long) setting.min() - 1)
                : Double.toString(Math.nextDown(setting.min()));
    }

    private static String above(Setting setting) {
        if (setting.kind() == Setting.Kind.INTEGER) {
            return setting.max() >= Long.MAX_VALUE ? "9223372036854775808" : Long.toString((long) setting.max() + 1);
        }
        return Double.toString(Math.nextUp(setting.max()));
    }
}
