package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import java.util.regex.Pattern;

/** What a run may be called. */
public final class RunName {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private RunName() {}

    /**
     * Checks a name that somebody gave a run.
     *
     * @throws ClientException when it is none
     */
    public static void check(String run) {
        if (!FORM.matcher(run).matches()) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "run \"" + run + "\"",
                    "is no name of a run",
                    "allowed: 1 to 100 letters, digits, dots, underscores and hyphens, the first a letter or a digit",
                    "correct the name");
        }
    }
}
