package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Opened;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The trainers' runs: their newest epochs, what they descend from, and their accepted steps. */
final class RunBook {
    /** Accepted steps that are remembered of each run, for telling a repetition from something new. */
    static final int REMEMBERED_STEPS = 10_000;

    private final StateStore store;

    RunBook(StateStore store) {
        this.store = store;
    }

    /** A run; null: none of its epochs was opened. */
    State.@Nullable Run of(String run) {
        return store.get("run/" + run, State.Run.class);
    }

    /**
     * A partition has seen an epoch open.
     *
     * @return the run as it is now; null: it has a newer epoch
     */
    State.@Nullable Run opened(Opened opened) {
        if (!opened.getProvenance().isEmpty()) {
            store.put(
                    provenanceKey(opened.getRun(), opened.getEpoch()),
                    new State.Provenance(new TreeMap<>(opened.getProvenance())));
        }
        State.Run before = of(opened.getRun());
        if (before != null && before.epoch() > opened.getEpoch()) {
            return null;
        }
        TreeSet<Integer> openedBy = new TreeSet<>();
        if (before != null && before.epoch() == opened.getEpoch()) {
            openedBy.addAll(before.openedBy());
        }
        openedBy.add(opened.getPartition());
        State.Run run = new State.Run(
                opened.getEpoch(),
                Hex.of(opened.getLayoutHash()),
                openedBy,
                before == null ? -1 : before.newestStep(),
                before == null ? 0 : before.accepted());
        store.put("run/" + opened.getRun(), run);
        return run;
    }

    /** What a run said of an epoch that it descends from; empty: nothing. */
    Map<String, String> provenance(String run, long epoch) {
        State.Provenance said = store.get(provenanceKey(run, epoch), State.Provenance.class);
        return said == null ? Map.of() : said.said();
    }

    /** What a run said of epochs before this one is asked for no more. */
    void forgetProvenance(String run, long epoch) {
        String first = provenanceKey(run, epoch);
        store.keys("provenance/" + run + "/").stream()
                .takeWhile(key -> key.compareTo(first) < 0)
                .forEach(store::delete);
    }

    /** An accepted step; null: it was not accepted, or is no longer remembered. */
    State.@Nullable Accepted accepted(String run, long step) {
        return store.get(key(run, step), State.Accepted.class);
    }

    /** A step was accepted, the newest of its run. */
    void accept(State.Pending pending, State.Accepted accepted) {
        store.put(key(pending.run(), pending.step()), accepted);
        // What older epochs completed was decided before.
        forgetProvenance(pending.run(), pending.epoch());
        State.Run run = of(pending.run());
        if (run == null) {
            return;
        }
        int remembered = run.accepted() + 1;
        if (remembered > REMEMBERED_STEPS) {
            store.deleteFirst("accepted/" + pending.run() + "/");
            remembered--;
        }
        store.put(
                "run/" + pending.run(),
                new State.Run(run.epoch(), run.layoutHash(), run.openedBy(), pending.step(), remembered));
    }

    private static String provenanceKey(String run, long epoch) {
        return "provenance/" + run + "/" + StateStore.number(epoch);
    }

    private static String key(String run, long step) {
        return "accepted/" + run + "/" + StateStore.number(step);
    }
}
