package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.schemas.delta.Choice;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What {@code --encoding} may name. */
final class EncodingChoice {
    private EncodingChoice() {}

    /** @throws UsageException when it names none */
    static Choice of(String label, String verb) {
        return Arrays.stream(Choice.values())
                .filter(choice -> choice.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "--encoding",
                        "is " + label,
                        "allowed: "
                                + Arrays.stream(Choice.values())
                                        .map(Choice::label)
                                        .collect(Collectors.joining(", ")),
                        "see weir " + verb + " --help"));
    }
}
