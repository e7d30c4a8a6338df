package dev.weir.topology.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.operators.TensorPolicy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanFormatTest {
    private static final String PLAN = """
            model: mnist
            channels:
              - name: ema-0.9
                operator: ema
                settings: {decay: 0.9}
              - name: swa
                operator: swa
                settings: {from-step: 420, every: 1}
                emit-every: 3
                retain: 10
                feedback-steps: 40
            tensors:
              - {pattern: "*.mask", policy: copy-latest}
            """;

    @Test
    void readsWhatPeopleWrite() {
        Plan plan = PlanFormat.parse(PLAN);
        assertThat(plan.model()).isEqualTo("mnist");
        assertThat(plan.channels())
                .containsExactly(
                        new ChannelPlan("ema-0.9", "ema", Map.of("decay", "0.9"), 1, 1000, 0),
                        new ChannelPlan("swa", "swa", Map.of("from-step", "420", "every", "1"), 3, 10, 40));
        assertThat(plan.tensors()).containsExactly(new TensorPolicy.Rule("*.mask", TensorPolicy.COPY_LATEST));
    }

    @Test
    void theCanonicalFormReadsBackAsTheSamePlan() {
        Plan plan = PlanFormat.parse(PLAN);
        assertThat(PlanFormat.parse(PlanFormat.toJson(plan))).isEqualTo(plan);
        assertThat(PlanFormat.toJson(PlanFormat.parse(PlanFormat.toJson(plan)))).isEqualTo(PlanFormat.toJson(plan));
    }

    @ParameterizedTest
    @CsvSource({
        "max-nfr, 0, -4.9E-324",
        "max-nfr, 1, 1.0000000000000002",
        "confidence, 0.5, 0.49999999999999994",
        "confidence, 0.999999, 0.9999990000000001",
        "min-accuracy, 0, -4.9E-324",
        "min-accuracy, 1, 1.0000000000000002",
        "max-ece, 0, -4.9E-324",
        "max-ece, 1, 1.0000000000000002"
    })
    void theGatesNumbersAreRefusedJustOutsideTheirBounds(String key, String bound, String outside) {
        assertThat(PlanFormat.parse(gated(key, bound)).gate()).isNotNull();
        assertThatThrownBy(() -> PlanFormat.parse(gated(key, outside)))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("gate: " + key + " is ")
                .hasMessageContaining("allowed: a number from ");
    }

    /** A plan whose gate has this number, and a budget. */
    private static String gated(String key, String number) {
        String budget = key.equals("max-nfr") ? "" : "max-nfr: 0.1, ";
        return "{model: m, channels: [{name: a, operator: ema}], gate: {channels: [a], " + budget + key + ": " + number
                + "}}";
    }

    @Test
    void searchesWaitForEverUnlessThePlanSaysHowLong() {
        assertThat(PlanFormat.parse(PLAN).scoreWaitMs()).isEqualTo(Plan.FOR_EVER);
        Plan limited = PlanFormat.parse("{model: m, channels: [{name: a, operator: ema}], score-wait-ms: 60000}");
        assertThat(limited.scoreWaitMs()).isEqualTo(60_000);
        assertThat(PlanFormat.parse(PlanFormat.toJson(limited))).isEqualTo(limited);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model: m                                                       | there are none",
                "modle: m                                                       | key modle is unknown; allowed: model, channels, tensors, gate, input-wait-ms, score-wait-ms",
                "{model: m, channels: [{name: a, operator: ema}], input-wait-ms: -1} | input-wait-ms: is -1; allowed: a whole number from 0",
                "{model: m, channels: [{name: a, operator: ema}], input-wait-ms: 604800001} | input-wait-ms: is 604800001",
                "{model: m, channels: [{name: a, operator: ema}], score-wait-ms: 0} | score-wait-ms: is 0; allowed: a whole number from 1 to 604800000, or -1 for ever",
                "{model: m, channels: [{name: a, operator: ema}], score-wait-ms: 604800001} | score-wait-ms: is 604800001",
                "{model: m, channels: [{name: a, operator: ema}], score-wait-ms: -2} | score-wait-ms: is -2",
                "{model: m, channels: [{name: a, operator: ema}], input-wait-ms: soon} | input-wait-ms: is",
                "{model: M!, channels: [{name: a, operator: ema}]}              | is no model name",
                "{model: m, channels: [{name: a, operator: emma}]}              | operator emma: unknown; allowed: ema, swa, bcwi",
                "{model: m, channels: [{name: a, operator: ema, every: 2}]}     | key every is unknown",
                "{model: m, channels: [{name: a, operator: ema, settings: {decay: 1}}]}   | decay: 1 is not allowed; allowed: a number from 0",
                "{model: m, channels: [{name: a, operator: ema, settings: {decai: 1}}]}   | decai: unknown",
                "{model: m, channels: [{name: a, operator: ema, settings: 3}]}  | settings is 3",
                "{model: m, channels: [{name: a, operator: ema, emit-every: 0}]} | emit-every is 0",
                "{model: m, channels: [{name: a, operator: ema, emit-every: x}]} | emit-every is",
                "{model: m, channels: [{name: a, operator: ema, retain: 1}]}    | retain is 1",
                "{model: m, channels: [{name: a, operator: ema, feedback-steps: 0}]} | feedback-steps is 0; allowed: a whole number from 1",
                "{model: m, channels: [{name: a, operator: ema, feedback-steps: 1}, {name: b, operator: swa, feedback-steps: 1}]} | channel b: has feedback-steps, as channel a has",
                "{model: m, channels: [{name: a, operator: ema}, {name: b, operator: bcwi, settings: {from: a}, feedback-steps: 1}]} | bcwi has feedback-steps",
                "{model: m, channels: [{name: a, operator: swad-search, emit-every: 2}]} | swad-search has emit-every",
                "{model: m, channels: [{name: a, operator: swad-search, feedback-steps: 2}]} | swad-search has feedback-steps",
                "{model: m, channels: [{name: a, operator: greedy-soup-search, settings: {models: 1}}]} | models: 1 is not allowed; allowed: a whole number from 2 to 1000",
                "{model: m, channels: [{name: a, operator: lcsc-search}, {name: b, operator: bcwi, settings: {from: a}}]} | from: a is no average of the plan",
                "{model: m, channels: [{name: 'a b', operator: ema}]}           | is no channel name",
                "{model: m, channels: [{name: a, operator: ema}, {name: a, operator: swa}]} | stands there twice",
                "{model: m, channels: [{name: a, operator: ema}], tensors: [{pattern: x, policy: drop}]} | policy drop: unknown",
                "{model: m, model: n, channels: []}                             | is no YAML",
                "'['                                                            | is no YAML"
            })
    void refusesWithWhatIsAllowed(String text, String message) {
        assertThatThrownBy(() -> PlanFormat.parse(text))
                .isInstanceOf(PlanException.class)
                .hasMessageStartingWith("plan: ")
                .hasMessageContaining(message.strip())
                .hasMessageContaining("allowed: ");
    }
}
