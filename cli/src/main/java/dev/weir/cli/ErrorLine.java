package dev.weir.cli;

import dev.weir.clients.ClientException;
import dev.weir.schemas.wire.Urls;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns everything that can go wrong into one line on stderr and an exit code. */
final class ErrorLine {

    private ErrorLine() {}

    /** Of a command line that cannot be understood. */
    static int onUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        CommandSpec spec = command.getCommandSpec();
        String problem = e.getMessage() == null ? "cannot be understood" : e.getMessage();
        String allowed = e instanceof UnmatchedArgumentException ? "allowed: " + allowed(spec) : "";
        String path = spec.qualifiedName(" ");
        return print(command.getErr(), new UsageException(spec.name(), problem, allowed, "see " + path + " --help"));
    }

    /** Of a verb that threw. */
    static int onFailure(Exception e, CommandLine command, boolean debug) {
        if (debug) {
            e.printStackTrace(command.getErr());
        }
        if (e instanceof WeirException known) {
            return print(command.getErr(), known);
        }
        if (e instanceof ClientException known) {
            return print(
                    command.getErr(),
                    new WeirException(known.object(), known.problem(), known.allowed(), known.next(), known));
        }
        String next = debug ? "" : "run again with --debug for the stack trace";
        return print(command.getErr(), new WeirException(command.getCommandName(), Causes.described(e), "", next, e));
    }

    static int print(PrintWriter err, WeirException e) {
        String message = e.getMessage() == null ? "failed" : e.getMessage();
        err.println(Urls.masked(oneLine("weir: " + message)));
        err.flush();
        return e.exitCode();
    }

    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String allowed(CommandSpec spec) {
        Collection<CommandLine> verbs = spec.subcommands().values();
        List<String> names = new ArrayList<>();
        if (verbs.isEmpty()) {
            for (OptionSpec option : spec.options()) {
                if (!option.hidden()) {
                    names.add(option.longestName());
                }
            }
        } else {
            for (CommandLine verb : verbs) {
                if (!verb.getCommandSpec().usageMessage().hidden()) {
                    names.add(verb.getCommandName());
                }
            }
        }
        return names.stream().sorted().collect(Collectors.joining(", "));
    }
}
