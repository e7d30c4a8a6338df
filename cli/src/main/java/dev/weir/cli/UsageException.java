package dev.weir.cli;

/** The command line itself is wrong. */
public final class UsageException extends WeirException {

    public UsageException(String object, String problem, String allowed, String next) {
        super(object, problem, allowed, next);
    }

    @Override
    int exitCode() {
        return ExitCode.USAGE;
    }
}
