package dev.weir.schemas.delta;

import java.util.Arrays;

/**
 * Neighbouring exponents that share their statistics, in ascending order without gaps.
 *
 * @param starts the first exponent of each group; of the first group 0
 */
record ExponentGroups(int[] starts) {
    /** Groups at most: as many counters of eight bits as a long holds. */
    static final int MOST = 8;

    /** Elements that are sorted by group at a time, whole bytes of bits: a byte counts those of each group. */
    static final int BLOCK = 248;

    /** Of each exponent, where the byte of its group lies in a long that counts the elements of all groups. */
    int[] shifts() {
        int[] shifts = new int[ExponentField.EXPONENTS];
        for (int group = 0; group < starts.length; group++) {
            int end = group + 1 < starts.length ? starts[group + 1] : shifts.length;
            Arrays.fill(shifts, starts[group], end, 8 * group);
        }
        return shifts;
    }

    void write(PayloadWriter out) {
        out.u8(starts.length);
        for (int group = 1; group < starts.length; group++) {
            out.u8(starts[group]);
        }
    }

    static ExponentGroups read(PayloadReader in) {
        int count = in.u8("count of groups");
        if (count == 0 || count > MOST) {
            throw in.problem("there are " + count + " groups, allowed: 1 to " + MOST);
        }
        int[] starts = new int[count];
        for (int group = 1; group < count; group++) {
            starts[group] = in.u8("first exponent of a group");
            if (starts[group] <= starts[group - 1]) {
                throw in.problem("a group begins with exponent " + starts[group] + ", the one before with "
                        + starts[group - 1] + "; they must ascend");
            }
        }
        return new ExponentGroups(starts);
    }
}
