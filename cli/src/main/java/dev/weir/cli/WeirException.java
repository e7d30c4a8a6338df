package dev.weir.cli;

/**
 * The work failed. The message is one line: {@code OBJECT: problem; allowed; next step}.
 *
 * <p>Parts that do not apply are passed as an empty string and left out.
 */
public sealed class WeirException extends RuntimeException permits UsageException {

    public WeirException(String object, String problem, String allowed, String next) {
        super(line(object, problem, allowed, next));
    }

    public WeirException(String object, String problem, String allowed, String next, Throwable cause) {
        super(line(object, problem, allowed, next), cause);
    }

    /** What the process exits with. */
    int exitCode() {
        return ExitCode.FAILED;
    }

    private static String line(String object, String problem, String allowed, String next) {
        StringBuilder line = new StringBuilder(object).append(": ").append(problem);
        for (String part : new String[] {allowed, next}) {
            if (!part.isEmpty()) {
                line.append("; ").append(part);
            }
        }
        return line.toString();
    }
}
