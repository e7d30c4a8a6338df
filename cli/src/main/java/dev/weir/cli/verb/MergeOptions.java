package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.operators.TensorPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Of the verbs that merge models. */
final class MergeOptions {

    @Option(
            names = "--operator",
            required = true,
            paramLabel = "NAME",
            description = "How to combine, such as ema or model-stock; see weir operators.")
    private String operator = "";

    @Option(names = "--set", paramLabel = "SETTING=VALUE", description = "A setting of the operator; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--tensor",
            paramLabel = "PATTERN=POLICY",
            description =
                    "What becomes of tensors: average, copy-latest, freeze or skip; may be repeated, the first match counts.")
    private Map<String, String> tensors = new LinkedHashMap<>();

    String operator() {
        return operator;
    }

    /** @throws UsageException for an unknown operator or policy */
    ChosenMerge chosen() {
        List<TensorPolicy.Rule> rules = new ArrayList<>();
        tensors.forEach((pattern, policy) -> rules.add(rule(pattern, policy)));
        return ChosenMerge.of(operator, settings, rules);
    }

    private static TensorPolicy.Rule rule(String pattern, String policy) {
        try {
            return new TensorPolicy.Rule(pattern, TensorPolicy.of(policy));
        } catch (IllegalArgumentException refused) {
            throw new UsageException("--tensor " + pattern, String.valueOf(refused.getMessage()), "", "");
        }
    }
}
