package dev.weir.schemas.delta;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of a group: how many elements stay between two that change, and how far those move.
 *
 * @param runs absent if no element of the group changed
 * @param magnitudes frequencies of the classes of magnitude; empty if none changed
 */
record GroupModel(@Nullable RunLengths runs, int[] magnitudes) {

    static final GroupModel STILL = new GroupModel(null, new int[0]);

    /** Writes what was counted of a group, and gives the model that a reader will find. */
    static GroupModel write(int changes, int elements, int[] classCounts, PayloadWriter out) {
        if (changes == 0) {
            out.u16(0);
            return STILL;
        }
        int chance = RunLengths.chance(changes, elements);
        int classes = classCounts.length;
        while (classCounts[classes - 1] == 0) {
            classes--;
        }
        out.u16(chance);
        out.u8(classes);
        long[] weights = new long[classes];
        for (int i = 0; i < classes; i++) {
            int code = Frequencies.code(classCounts[i]);
            out.u8(code);
            weights[i] = Frequencies.weight(code);
        }
        return new GroupModel(RunLengths.of(chance), Frequencies.scaled(weights, classes));
    }

    /** Reads a model of differences that may have so many classes. */
    static GroupModel read(int classesAtMost, PayloadReader in) {
        int chance = in.u16("chance of a group");
        if (chance == 0) {
            return STILL;
        }
        int classes = in.u8("classes of a group");
        if (classes == 0 || classes > classesAtMost) {
            throw in.problem("a group has " + classes + " classes, allowed: 1 to " + classesAtMost);
        }
        long[] weights = new long[classes];
        for (int i = 0; i < classes; i++) {
            int code = in.u8("weight of a class");
            if (code > Frequencies.MAX_CODE) {
                throw in.problem(
                        "the weight of a class is " + code + ", at most " + Frequencies.MAX_CODE + " is allowed");
            }
            weights[i] = Frequencies.weight(code);
        }
        if (Arrays.stream(weights).allMatch(weight -> weight == 0)) {
            throw in.problem("a group has only weights of 0, one above is needed");
        }
        return new GroupModel(RunLengths.of(chance), Frequencies.scaled(weights, classes));
    }
}
