package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.demo.DemoState.Channel;
import dev.weir.cli.demo.DemoState.Gate;
import dev.weir.cli.demo.DemoState.Run;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

final class DemoScreenTest {

    private static final Score RELEASE_1 = new Score(550, 0, 599);
    private static final Score RAW = new Score(538, 33, 599);
    private static final Score EMA = new Score(561, 11, 599);
    private static final Score BCWI = new Score(560, 5, 599);

    private final DemoScreen screen = new DemoScreen(Ansi.OFF);

    @Test
    void theLiveScreen() {
        DemoState state = new DemoState(
                11,
                83_900,
                13,
                40,
                RELEASE_1,
                List.of(new Run("trainer-a", 70, 7), new Run("trainer-b", 60, 6)),
                List.of(
                        new Channel("raw", 13, 70, RAW, new Gate.None()),
                        new Channel("ema-0.9", 13, 70, EMA, new Gate.Held("11 flips, budget 6")),
                        new Channel("swa", 13, 70, null, new Gate.Awaited()),
                        new Channel("bcwi", 12, 60, BCWI, new Gate.Promoted("5 flips, budget 6"))));
        assertThat(String.join("\n", screen.live(state))).isEqualTo("""
                weir demo   seed 11   checkpoints 13 of 40   1:23
                Release 1 learned from 300 digits and is in service. Two trainers go on from it with all the others,
                of which 10 % are deliberately labelled wrong: noisy labels are what averaging is for.

                RUN                STEP  CHECKPOINTS
                trainer-a            70            7
                trainer-b            60            6

                CHANNEL         VERSION     STEP   ACCURACY    FLIPS      NFR  GATE
                release 1             -        -    91.82 %
                raw                  13       70    89.82 %       33   5.51 %
                ema-0.9              13       70    93.66 %       11   1.84 %  hold: 11 flips, budget 6
                swa                  13       70        ...      ...      ...  ...
                bcwi                 12       60    93.49 %        5   0.83 %  promote: 5 flips, budget 6\
                """);
    }

    @Test
    void theScreenBeforeTheFirstVersion() {
        DemoState state = new DemoState(11, 0, 0, 0, RELEASE_1, List.of(), List.of());
        assertThat(screen.live(state))
                .startsWith("weir demo   seed 11   checkpoints 0   0:00")
                .endsWith("release 1             -        -    91.82 %");
    }

    @Test
    void theEndOfASeedThatWins() {
        assertThat(String.join("\n", screen.end(end(RAW, EMA, BCWI)))).isEqualTo("""
                weir demo   seed 11   checkpoints 40 of 40   1:30

                CHANNEL         VERSION     STEP   ACCURACY    FLIPS      NFR  GATE
                release 1             -        -    91.82 %
                raw                  40      200    89.82 %       33   5.51 %
                ema-0.9              40      200    93.66 %       11   1.84 %
                bcwi                 40      200    93.49 %        5   0.83 %

                + Averaging helps: ema-0.9 reads 93.66 % right, the last raw checkpoint 89.82 %.
                + Fewer surprises: of the digits that release 1 reads right, bcwi breaks 5, the last raw checkpoint 33, at \
                +3.67 points of accuracy.\
                """);
    }

    @Test
    void theEndOfASeedThatLoses() {
        List<String> lines = screen.end(end(EMA, EMA, EMA));
        assertThat(lines)
                .endsWith(
                        "- This seed loses: averaging does not help; ema-0.9 reads 93.66 % right, the last raw"
                                + " checkpoint 93.66 %.",
                        "- This seed loses: there are no fewer negative flips; of the digits that release 1 reads right,"
                                + " bcwi breaks 11, the last raw checkpoint 11, at +0.00 points of accuracy.");
    }

    @Test
    void aPointOfAccuracyMayBeLostAndNoMore() {
        assertThat(DemoFinding.compatibility(new Score(560, 9, 600), new Score(554, 5, 600))
                        .won())
                .isTrue();
        DemoFinding tooMuch = DemoFinding.compatibility(new Score(560, 9, 600), new Score(553, 5, 600));
        assertThat(tooMuch.won()).isFalse();
        assertThat(tooMuch.words()).startsWith("This seed loses: too much accuracy is lost;");
    }

    @Test
    void theEndWithoutScores() {
        DemoState state = new DemoState(11, 0, 0, 0, RELEASE_1, List.of(), List.of());
        assertThat(screen.end(state)).endsWith("- Nothing is shown: not all of raw, ema-0.9 and bcwi were evaluated.");
    }

    @Test
    void aLineAVersion() {
        assertThat(screen.line(new Channel("raw", 13, 70, RAW, new Gate.None())))
                .isEqualTo("raw version 13 (step 70): 89.82 % right, 33 negative flips");
        assertThat(screen.line(new Channel("swa", 2, 10, new Score(599, 1, 599), new Gate.Held("floor 95 %"))))
                .isEqualTo("swa version 2 (step 10): 100.00 % right, 1 negative flip; gate: hold: floor 95 %");
        assertThat(screen.line(new Channel("swa", 3, 20, null, new Gate.Awaited())))
                .isEqualTo("swa version 3 (step 20): not evaluated yet; gate: ...");
    }

    @Test
    void coloursWhereTheyAreWanted() {
        String line = new DemoScreen(Ansi.ON).line(new Channel("bcwi", 1, 10, BCWI, new Gate.Promoted("5 flips")));
        assertThat(line).contains("\u001b[32mpromote\u001b[39m\u001b[0m: 5 flips");
    }

    @Test
    void aScreenTakesThePlaceOfTheOneBefore() {
        Redraw redraw = new Redraw();
        assertThat(redraw.next(List.of("a", "b"))).isEqualTo("\u001b[?7l\r\u001b[2Ka\n\u001b[2Kb\n\u001b[J\u001b[?7h");
        assertThat(redraw.next(List.of("c"))).isEqualTo("\u001b[?7l\r\u001b[2A\u001b[2Kc\n\u001b[J\u001b[?7h");
    }

    private static DemoState end(Score raw, Score ema, Score bcwi) {
        return new DemoState(
                11,
                90_000,
                40,
                40,
                RELEASE_1,
                List.of(),
                List.of(
                        new Channel("raw", 40, 200, raw, new Gate.None()),
                        new Channel("ema-0.9", 40, 200, ema, new Gate.None()),
                        new Channel("bcwi", 40, 200, bcwi, new Gate.None())));
    }
}
