package dev.weir.topology.compatibility;

import dev.weir.schemas.record.Subject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The baseline in service and those before it, for going back. */
final class Baselines {
    /** Earlier baselines that are remembered. */
    private static final int REMEMBERED = 1_000;

    static final Subject NONE = new Subject("", 0L);

    private final ArrayDeque<Subject> stack = new ArrayDeque<>();

    /** The baseline in service; {@link #NONE} before the first. */
    Subject inService() {
        Subject top = stack.peekLast();
        return top == null ? NONE : top;
    }

    void promote(Subject subject) {
        stack.addLast(subject);
        if (stack.size() > REMEMBERED) {
            stack.removeFirst();
        }
    }

    /** The one in service and those that rollbacks lead to next, so many at most. */
    List<Subject> newest(int count) {
        List<Subject> newest = new ArrayList<>();
        Iterator<Subject> down = stack.descendingIterator();
        while (newest.size() < count && down.hasNext()) {
            newest.add(down.next());
        }
        return newest;
    }

    /** Goes back to the one before and returns it; null when there is none. */
    @Nullable
    Subject rollBack() {
        if (stack.size() < 2) {
            return null;
        }
        stack.removeLast();
        return stack.peekLast();
    }
}
