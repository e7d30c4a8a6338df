package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.job.Job;
import dev.weir.cli.job.Result;
import dev.weir.cli.job.Round;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** What a job says: a line each round, and how many there were. */
final class JobReport implements Job.Listener {

    private final PrintWriter out;
    private final boolean json;
    private long published;
    private long skipped;
    private long failed;
    private long gone;

    JobReport(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** Rounds that failed. */
    long failed() {
        return failed;
    }

    @Override
    public void unseen(long step, long versions) {
        gone += versions;
        print(
                Json.object().put("step", step).put("versionsGone", versions),
                "before step " + step + ": up to " + versions
                        + " versions are no longer kept; rounds that they would have made are left out");
    }

    @Override
    public void result(Result result) {
        String head = "step " + result.step() + ": ";
        switch (result) {
            case Result.Published done -> {
                published++;
                ObjectNode document = Json.object().put("step", done.step());
                document.setAll(OutcomeText.document(done.outcome()));
                inputs(document.putArray("models"), done.models());
                inputs(document.putArray("sides"), done.sides());
                done.notes().forEach(document.putArray("notes")::add);
                String models =
                        done.models().stream().map(Round.Input::toString).collect(Collectors.joining(", "));
                print(
                        document,
                        head + models + ": " + OutcomeText.of(done.outcome())
                                + (done.notes().isEmpty() ? "" : " (" + String.join(", ", done.notes()) + ")"));
            }
            case Result.Skipped left -> {
                skipped++;
                print(document(left.step(), "skipped", left.reason()), head + "skipped: " + left.reason());
            }
            case Result.Failed bad -> {
                failed++;
                print(document(bad.step(), "failed", bad.reason()), head + "failed: " + bad.reason());
            }
        }
    }

    /** The last line. */
    void end(Round.Waiting next) {
        print(
                Json.object()
                        .put("published", published)
                        .put("skipped", skipped)
                        .put("failed", failed)
                        .put("versionsGone", gone)
                        .put("next", next.what()),
                published + " published, " + skipped + " skipped, " + failed + " failed, " + gone
                        + " versions gone; next: " + next.what());
    }

    private void print(ObjectNode document, String text) {
        out.println(json ? Json.compact(document) : text);
        out.flush();
    }

    private static ObjectNode document(long step, String outcome, String reason) {
        return Json.object().put("step", step).put("outcome", outcome).put("reason", reason);
    }

    private static void inputs(ArrayNode array, List<Round.Input> inputs) {
        inputs.forEach(input -> array.addObject()
                .put("model", input.channel().model())
                .put("channel", input.channel().name())
                .put("version", input.version())
                .put("step", input.step()));
    }
}
