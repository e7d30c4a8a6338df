package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.watch.CheckpointFolder;
import dev.weir.cli.watch.Found;
import dev.weir.cli.watch.WatchPublisher;
import dev.weir.clients.ClientException;
import dev.weir.clients.publish.Outcome;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.wire.Urls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Publishes what appears in a directory, until a signal comes. */
final class PublishWatch {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final String run;
    private final boolean once;
    private final CheckpointFolder folder;
    private final WatchPublisher publisher;
    private final boolean json;
    private final PrintWriter out;
    private final PrintWriter err;

    private final OnSignal signal = new OnSignal();
    private boolean stepKnown;
    private boolean waiting;
    private long lastStep;
    private int failed;

    PublishWatch(
            String run,
            WatchOptions options,
            WatchPublisher publisher,
            boolean json,
            PrintWriter out,
            PrintWriter err) {
        this.run = run;
        this.once = options.once();
        this.folder = options.folder(path -> warn(path + " was deleted before it was published"));
        this.publisher = publisher;
        this.json = json;
        this.out = out;
        this.err = err;
    }

    /** Ends by a signal, with exit code 0; with {@code --once} when all that was there is decided. */
    int run() throws IOException, InterruptedException {
        signal.run(() -> {
            try (publisher) {
                watch();
            }
        });
        if (failed > 0) {
            throw new WeirException(
                    "run " + run,
                    failed + " checkpoints were rejected or could not be read",
                    "no average has moved by them",
                    "see the lines above");
        }
        return ExitCode.DONE;
    }

    private void watch() throws IOException, InterruptedException {
        do {
            try {
                look();
            } catch (ClientException away) {
                if (once || signal.stopping() || WatchPublisher.lost(away)) {
                    throw away;
                }
                await(String.valueOf(away.getMessage()));
            } catch (IOException away) {
                if (once || signal.stopping()) {
                    throw away;
                }
                await(String.valueOf(away));
            }
            if (!once) {
                Thread.sleep(PAUSE);
            }
        } while (!once);
    }

    private void look() throws IOException {
        if (!stepKnown) {
            lastStep = publisher.decidedStep();
            stepKnown = true;
        }
        List<Path> passedOver = new ArrayList<>();
        for (Found found : folder.look()) {
            if (found.step() > lastStep) {
                take(found);
            } else {
                folder.done(found);
                passedOver.add(found.path().getFileName());
            }
        }
        if (!passedOver.isEmpty()) {
            warn(passedOver.size() + " checkpoints are passed over, from " + passedOver.getFirst() + " to "
                    + passedOver.getLast() + ": step " + lastStep + " is decided"
                    + "; a training that starts anew needs a new --run");
        }
    }

    private void take(Found found) {
        try (SafetensorsFile file = SafetensorsFile.open(found.path())) {
            Outcome outcome = publisher.publish(found.step(), file);
            folder.done(found);
            lastStep = found.step();
            waiting = false;
            print(found, outcome);
        } catch (SafetensorsException unsound) {
            folder.refused(found);
            failed += once ? 1 : 0;
            warn(found.path() + " is not taken: " + unsound.getMessage() + "; looked at again when it changes");
        }
    }

    private void print(Found found, Outcome outcome) {
        String next = outcome instanceof Outcome.Rejected rejected ? RejectionText.next(rejected.reason()) : "";
        failed += once && !next.isEmpty() ? 1 : 0;
        if (json) {
            ObjectNode document = Json.object()
                    .put("run", run)
                    .put("step", found.step())
                    .put("file", found.path().toString());
            document.setAll(OutcomeText.document(outcome));
            if (!next.isEmpty()) {
                document.put("next", next);
            }
            out.println(Json.compact(document));
        } else {
            String why = outcome instanceof Outcome.Rejected rejected ? ": " + rejected.reason() + "; " + next : "";
            out.println("run " + run + " step " + found.step() + ": " + OutcomeText.of(outcome) + why);
        }
        out.flush();
    }

    /** One line for as long as it lasts. */
    private void await(String failure) {
        if (!waiting) {
            warn(failure + "; waiting for it");
        }
        waiting = true;
    }

    private void warn(String text) {
        err.println(Urls.masked("weir: run " + run + ": " + text.strip().replaceAll("\\s*\\R\\s*", " ")));
        err.flush();
    }
}
