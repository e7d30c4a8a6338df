package dev.weir.cli.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.WeirException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RoundsTest {

    private static final Source.Channel NET = new Source.Channel("net", "raw");
    private static final Source.Channel GRAM = new Source.Channel("gram", "raw");

    private static Rounds rounds(int last, List<String> from, String... sides) {
        return new Rounds(
                from.stream().map(text -> Source.of("--from", text)).toList(),
                List.of(sides).stream().map(text -> Source.of("--side", text)).toList(),
                last);
    }

    /** Two tasks, and the Gram matrices of each. */
    private static Rounds tasks() {
        return rounds(1, List.of("net/raw@a", "net/raw@b"), "gram/raw@a", "gram/raw@b");
    }

    @Test
    void aRoundWaitsUntilEverySourceHasItsStep() {
        Rounds rounds = tasks();
        assertThat(rounds.next(-1)).isEqualTo(new Round.Waiting("a checkpoint"));
        rounds.complete(NET, 1, "a", 10);
        rounds.complete(GRAM, 1, "b", 10);
        rounds.complete(NET, 2, "b", 10);
        assertThat(rounds.next(-1)).isEqualTo(new Round.Waiting("step 10 of gram/raw@a"));
        rounds.complete(GRAM, 2, "a", 10);
        assertThat(rounds.next(-1))
                .isEqualTo(new Round.Ready(
                        10,
                        List.of(new Round.Input(NET, 1, 10), new Round.Input(NET, 2, 10)),
                        List.of(new Round.Input(GRAM, 2, 10), new Round.Input(GRAM, 1, 10)),
                        0));
        assertThat(rounds.next(10)).isEqualTo(new Round.Waiting("a checkpoint after step 10"));
    }

    @Test
    void theOrderInWhichChannelsAreReadChangesNoRound() {
        long seed = System.nanoTime();
        System.out.println("RoundsTest: seed " + seed);
        List<Runnable> reads = new ArrayList<>();
        Rounds straight = tasks();
        Rounds shuffled = tasks();
        Rounds[] told = {straight};
        for (Source.Channel channel : List.of(NET, GRAM)) {
            LongStream.rangeClosed(1, 40)
                    .forEach(version -> reads.add(() -> {
                        // Step 6 of run b is missing everywhere.
                        String run = version % 2 == 0 && version != 12 ? "b" : version == 12 ? "other" : "a";
                        told[0].complete(channel, version, run, (version + 1) / 2);
                    }));
        }
        reads.forEach(Runnable::run);
        List<Round> expected = all(straight);
        assertThat(expected)
                .hasSize(21)
                .filteredOn(Round.Skipped.class::isInstance)
                .hasSize(1);
        // Each channel in its own order, the two against each other in any.
        told[0] = shuffled;
        List<Integer> turns = new ArrayList<>(Collections.nCopies(40, 0));
        turns.addAll(Collections.nCopies(40, 40));
        Collections.shuffle(turns, new Random(seed));
        int[] next = {0, 0};
        List<Round> rounds = new ArrayList<>();
        long after = -1;
        for (int turn : turns) {
            reads.get(turn + next[turn / 40]++).run();
            while (shuffled.next(after) instanceof Round.Settled settled) {
                rounds.add(settled);
                after = settled.step();
            }
        }
        rounds.add(shuffled.next(after));
        assertThat(rounds).isEqualTo(expected);
    }

    @Test
    void aStepThatASourceHasPassedIsSkipped() {
        Rounds rounds = rounds(1, List.of("net/raw@a", "gram/raw@b"));
        rounds.complete(NET, 1, "a", 10);
        rounds.complete(NET, 2, "a", 20);
        assertThat(rounds.next(-1)).isEqualTo(new Round.Waiting("step 10 of gram/raw@b"));
        rounds.complete(GRAM, 1, "b", 20);
        assertThat(rounds.next(-1)).isEqualTo(new Round.Skipped(10, "gram/raw@b has no version of step 10", 0));
        assertThat(rounds.next(10)).isInstanceOf(Round.Ready.class);
    }

    @Test
    void aVersionThatIsNoLongerKeptIsSkippedAndThoseNeverSeenAreCounted() {
        Rounds rounds = rounds(1, List.of("net/raw@a"));
        rounds.complete(NET, 4, "a", 40);
        rounds.complete(NET, 5, "other", 40);
        rounds.complete(NET, 8, "a", 80);
        rounds.retired(NET, 4);
        assertThat(rounds.next(-1)).isEqualTo(new Round.Skipped(40, "net/raw version 4 is no longer kept", 3));
        assertThat(rounds.next(40)).isEqualTo(new Round.Ready(80, List.of(new Round.Input(NET, 8, 80)), List.of(), 2));
    }

    @Test
    void theNewestVersionsOfARunAreInputsOnceThereAreSoMany() {
        Rounds rounds = rounds(3, List.of("net/raw@a"), "gram/raw@a");
        for (long step = 1; step <= 4; step++) {
            rounds.complete(NET, step, "a", 10 * step);
            rounds.complete(GRAM, step, "a", 10 * step);
        }
        assertThat(rounds.next(-1)).isEqualTo(new Round.Ready(30, newest(NET, 1, 2, 3), newest(GRAM, 1, 2, 3), 0));
        assertThat(rounds.next(30)).isEqualTo(new Round.Ready(40, newest(NET, 2, 3, 4), newest(GRAM, 2, 3, 4), 0));
    }

    @Test
    void aRunWhoseOldVersionsAreGoneHasNotOnlyBegun() {
        Rounds rounds = rounds(3, List.of("net/raw@a"));
        for (long version = 7; version <= 9; version++) {
            rounds.complete(NET, version, "a", 10 * version);
        }
        assertThat(rounds.next(-1))
                .isEqualTo(new Round.Skipped(70, "not all of the 3 versions up to net/raw version 7 are kept", 6));
        assertThat(rounds.next(70)).isInstanceOf(Round.Skipped.class);
        assertThat(rounds.next(80)).isEqualTo(new Round.Ready(90, newest(NET, 7, 8, 9), List.of(), 0));
        rounds.retired(NET, 7);
        assertThat(rounds.next(80)).isEqualTo(new Round.Skipped(90, "net/raw version 7 is no longer kept", 0));
    }

    @Test
    void aVersionOfEveryRoundIsWaitedForAndMissedAloud() {
        Rounds rounds = rounds(1, List.of("net/raw:2", "gram/raw@a"));
        rounds.complete(GRAM, 1, "a", 10);
        assertThat(rounds.next(-1)).isEqualTo(new Round.Waiting("net/raw:2"));
        rounds.complete(NET, 1, "base", 5);
        rounds.complete(NET, 2, "base", 6);
        assertThat(rounds.next(-1))
                .isEqualTo(new Round.Ready(
                        10, List.of(new Round.Input(NET, 2, 6), new Round.Input(GRAM, 1, 10)), List.of(), 0));
        rounds.retired(NET, 2);
        assertThatThrownBy(() -> rounds.next(-1))
                .isInstanceOf(WeirException.class)
                .hasMessageStartingWith("net/raw:2: is no longer kept, and every round takes it");
    }

    private static List<Round.Input> newest(Source.Channel channel, long... versions) {
        return LongStream.of(versions)
                .mapToObj(version -> new Round.Input(channel, version, 10 * version))
                .toList();
    }

    private static List<Round> all(Rounds rounds) {
        List<Round> all = new ArrayList<>();
        long after = -1;
        Round next;
        while ((next = rounds.next(after)) instanceof Round.Settled settled) {
            all.add(settled);
            after = settled.step();
        }
        all.add(next);
        return all;
    }
}
