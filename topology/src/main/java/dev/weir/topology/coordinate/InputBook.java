package dev.weir.topology.coordinate;

import dev.weir.schemas.record.SideInput;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Side inputs of checkpoints that are not accepted yet. The first number of a name stays. */
final class InputBook {
    /** Inputs that a run may have ahead of its checkpoints; of more, those of the smallest steps go. */
    static final int WAITING = 10_000;

    /** Why an input is not used: a word that is counted, and what exactly. */
    record Refusal(String reason, String detail) {}

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final StateStore store;
    private final RunBook runs;

    InputBook(StateStore store, RunBook runs) {
        this.store = store;
        this.runs = runs;
    }

    /** Keeps an input of a checkpoint; null: done, else why it is not used. */
    @Nullable
    Refusal take(SideInput input) {
        String what = describe(input);
        Refusal unsound = unsound(input);
        if (unsound != null) {
            return unsound;
        }
        State.Run run = runs.of(input.getRun());
        if (run != null && input.getStep() <= run.newestStep()) {
            return new Refusal("input-late", what + ": the run has step " + run.newestStep() + " accepted");
        }
        String key = key(input.getRun(), input.getStep()) + input.getName();
        Double known = store.get(key, Double.class);
        if (known != null) {
            return again(what, known, input.getValue());
        }
        String prefix = "input/" + input.getRun() + "/";
        store.put(key, input.getValue());
        if (store.keys(prefix).size() > WAITING) {
            store.deleteFirst(prefix);
            return new Refusal(
                    "input-forgotten",
                    what + ": run " + input.getRun() + " has more than " + WAITING
                            + " inputs ahead of its checkpoints, and that of the smallest step went");
        }
        return null;
    }

    /** What was said of a checkpoint. */
    Map<String, Double> of(String run, long step) {
        Map<String, Double> inputs = new TreeMap<>();
        String prefix = key(run, step);
        for (String key : store.keys(prefix)) {
            Double value = store.get(key, Double.class);
            if (value != null) {
                inputs.put(key.substring(prefix.length()), value);
            }
        }
        return inputs;
    }

    /** A checkpoint is accepted: neither its inputs nor those of steps before are wanted any more. */
    void accepted(String run, long step) {
        String end = key(run, step + 1);
        store.keys("input/" + run + "/").stream()
                .takeWhile(key -> key.compareTo(end) < 0)
                .forEach(store::delete);
    }

    /** Names and numbers that no record may have; null: none of them. */
    static @Nullable Refusal unsound(SideInput input) {
        boolean ofVersion = !input.getChannel().isEmpty();
        if (ofVersion == !input.getRun().isEmpty()
                || !NAME.matcher(input.getName()).matches()) {
            return new Refusal(
                    "input-unnamed",
                    describe(input)
                            + ": allowed: a checkpoint or a version, and a name of A-Z a-z 0-9 . _ -, 100 characters at most");
        }
        if (!ofVersion && (!NAME.matcher(input.getRun()).matches() || input.getStep() < 0)) {
            return new Refusal("input-unnamed", describe(input) + ": is no checkpoint of a trainer");
        }
        return Double.isFinite(input.getValue())
                ? null
                : new Refusal("input-not-finite", describe(input) + " is " + input.getValue() + "; allowed: numbers");
    }

    /** The same number again changes nothing; another one does not replace the first. */
    static Refusal again(String what, double known, double value) {
        return known == value
                ? new Refusal("input-duplicate", what + ": it is known")
                : new Refusal("input-conflict", what + " is " + value + "; it was " + known + " before, which stays");
    }

    static String describe(SideInput input) {
        String subject = input.getChannel().isEmpty()
                ? "step " + input.getStep() + " of run " + input.getRun()
                : "version " + input.getVersion() + " of channel " + input.getChannel();
        return "input " + input.getName() + " of " + subject;
    }

    private static String key(String run, long step) {
        return "input/" + run + "/" + StateStore.number(step) + "/";
    }
}
