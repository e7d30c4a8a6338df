package dev.weir.cli.watch;

import dev.weir.cli.UsageException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the step of a checkpoint from its name. */
public final class StepNames {

    private static final Pattern LAST_NUMBER = Pattern.compile("([0-9]{1,18})[^0-9]*$");

    private final Pattern pattern;

    private StepNames(Pattern pattern) {
        this.pattern = pattern;
    }

    /** The last number in a name is the step. */
    public static StepNames lastNumber() {
        return new StepNames(LAST_NUMBER);
    }

    /**
     * The first group of a pattern that is found in a name is the step.
     *
     * @throws UsageException for what is no pattern of one group
     */
    public static StepNames of(String regex) {
        try {
            Pattern pattern = Pattern.compile(regex);
            if (pattern.matcher("").groupCount() == 1) {
                return new StepNames(pattern);
            }
            throw refused(regex, "has " + pattern.matcher("").groupCount() + " groups");
        } catch (PatternSyntaxException e) {
            throw refused(regex, e.getDescription());
        }
    }

    /**
     * The step of a name.
     *
     * @param name without what follows from its kind, such as {@code .safetensors}
     * @return 0 or more; empty where the name has none
     */
    OptionalLong step(String name) {
        Matcher matcher = pattern.matcher(name);
        String digits = matcher.find() ? matcher.group(1) : "";
        return digits != null && digits.matches("[0-9]{1,18}")
                ? OptionalLong.of(Long.parseLong(digits))
                : OptionalLong.empty();
    }

    private static UsageException refused(String regex, String problem) {
        return new UsageException(
                "--step-pattern",
                "'" + regex + "': " + problem,
                "allowed: a regular expression with one group around the step, such as 'step=([0-9]+)'",
                "see weir publish --help");
    }
}
