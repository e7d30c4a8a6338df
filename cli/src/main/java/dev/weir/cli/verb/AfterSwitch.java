package dev.weir.cli.verb;

import dev.weir.clients.subscribe.VersionDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** What happens once a version has been pulled. */
final class AfterSwitch {
    @Option(
            names = "--exec",
            paramLabel = "CMD",
            defaultValue = "",
            description = {
                "Command for sh -c after each version that is pulled, which is waited for: WEIR_VERSION, WEIR_PATH, WEIR_CHANNEL"
                        + " and WEIR_MODEL are in its environment (with --promoted WEIR_PROMOTION, too), its output goes to"
                        + " stderr. An exit status other than 0 is reported there and stops nothing."
            })
    private String command = "";

    @Option(
            names = "--keep",
            paramLabel = "N",
            description = "Versions that stay in DIR, the newest; older ones are deleted, never the one that current"
                    + " names, and after --exec. Default: all.")
    private int keep;

    void check() {
        if (keep < 0) {
            throw SnapshotChoice.usage("pull", "--keep is " + keep, "allowed: a whole number from 1");
        }
    }

    /** @param environment what the command is told */
    void done(Path directory, Map<String, String> environment, PrintWriter err) {
        if (!command.isEmpty()) {
            execute(environment, err);
        }
        if (keep > 0) {
            new VersionDirectory(directory).keepNewest(keep);
        }
    }

    private void execute(Map<String, String> environment, PrintWriter err) {
        // What the command prints is no document of ours.
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", "exec 1>&2\n" + command).inheritIO();
        shell.environment().putAll(environment);
        String version = "weir: --exec after version " + environment.get("WEIR_VERSION") + ": ";
        try {
            int status = shell.start().waitFor();
            if (status != 0) {
                err.println(version + "exit status " + status + "; expected: 0; pull goes on");
            }
        } catch (IOException e) {
            err.println(version + "cannot be run (" + e.getMessage() + "); pull goes on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        err.flush();
    }
}
