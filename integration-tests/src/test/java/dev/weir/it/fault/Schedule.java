package dev.weir.it.fault;

import dev.weir.it.fault.Fault.After;
import dev.weir.it.fault.Fault.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * How many faults of each kind.
 *
 * @param kills at random
 * @param atWork at each of the five points that are passed while records flow
 * @param atStart at each of init and restore
 * @param bounces of brokers, every second one hard
 * @param pauses beyond the session timeout
 * @param fences trainers that a newer publisher of their run fences
 */
record Schedule(int kills, int atWork, int atStart, int bounces, int pauses, int fences) {

    private static final int MOST_PASSES = 12;

    static final Schedule SHORT = new Schedule(1, 1, 1, 1, 1, 1);
    static final Schedule SOAK = new Schedule(12, 10, 4, 10, 10, 5);
    static final Schedule REPLICATED = new Schedule(4, 3, 1, 6, 2, 2);

    /** The faults in an order that follows from the seed. */
    List<Fault> faults(Random random, int brokers, int runs) {
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            faults.add(new Fault.Kill(role(i), after(i)));
        }
        List<Point> points = Arrays.stream(Point.values()).filter(Point::atWork).toList();
        for (int i = 0; i < atWork * points.size(); i++) {
            Point point = points.get(i % points.size());
            Role role = point == Point.KEYFRAME ? Role.MERGE : role(i);
            faults.add(new Fault.KillAt(role, point, 1 + random.nextInt(MOST_PASSES), after(i)));
        }
        for (int i = 0; i < atStart; i++) {
            Role role = i % 4 == 3 ? Role.COORDINATE : Role.MERGE;
            Point init = role == Role.MERGE ? Point.INIT : Point.INIT_COORDINATE;
            faults.add(new Fault.KillAt(role, init, 1, after(i)));
            faults.add(new Fault.KillAt(Role.MERGE, Point.RESTORE, 1 + random.nextInt(MOST_PASSES / 2), after(i + 1)));
        }
        for (int i = 0; i < bounces; i++) {
            faults.add(new Fault.Bounce(i % brokers, i % 2 == 0));
        }
        for (int i = 0; i < pauses; i++) {
            faults.add(new Fault.Pause(role(i)));
        }
        for (int i = 0; i < fences; i++) {
            faults.add(new Fault.Fence(random.nextInt(runs)));
        }
        Collections.shuffle(faults, random);
        return faults;
    }

    /** Every fourth is of coordinate. */
    private static Role role(int i) {
        return i % 4 == 1 ? Role.COORDINATE : Role.MERGE;
    }

    private static After after(int i) {
        return After.values()[i % After.values().length];
    }
}
