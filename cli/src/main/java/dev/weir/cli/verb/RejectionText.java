package dev.weir.cli.verb;

import java.util.Map;

/** What to do about a checkpoint that was rejected, by the first word of the reason. */
final class RejectionText {

    private static final String SEND_AGAIN = "publish it again; if that ends the same, check what its publisher sends";

    private static final Map<String, String> NEXT = Map.ofEntries(
            Map.entry("stale-step", "publish it with a later --step, or under a new --run"),
            Map.entry("conflict", "publish it with a later --step, or under a new --run"),
            Map.entry("duplicate", "nothing: it was accepted before"),
            Map.entry(
                    "non-finite",
                    "publish a checkpoint from before the run diverged, or give that tensor another policy in the plan"),
            Map.entry("layout", "publish it as another --model: all checkpoints of a model have one layout"),
            Map.entry("companion", "correct the --side files; each run of a model sends the same ones"),
            Map.entry("base", "publish it again in full, with --encoding full"),
            Map.entry("encoding", "publish it again in full, with --encoding full"),
            Map.entry("size", SEND_AGAIN),
            Map.entry("digest", SEND_AGAIN),
            Map.entry("chunk", SEND_AGAIN),
            Map.entry("end", SEND_AGAIN),
            Map.entry("incomplete", SEND_AGAIN),
            Map.entry("rules", "publish it again: the plan in force looks at it anew"),
            Map.entry("timeout", "publish it again, faster than `checkpoint-timeout-ms` of coordinate, or raise that"),
            Map.entry("superseded", "publish it again once no other publisher of this run is at work"),
            Map.entry("baseline", "nothing: another baseline is in force"));

    private RejectionText() {}

    /** The next step; for a word that this build does not know, where to look. */
    static String next(String reason) {
        return NEXT.getOrDefault(word(reason), "see the reason above, and `weir status`");
    }

    static boolean knows(String word) {
        return NEXT.containsKey(word);
    }

    private static String word(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }
}
