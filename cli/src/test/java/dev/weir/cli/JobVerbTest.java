package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a job is said before anything is asked of a broker. */
final class JobVerbTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        regmeen | net/raw@a | | --operator: operator regmeen: unknown; allowed: swa,
        nash | net/raw@a | | --operator: operator nash merges no models but takes scores
        regmean | net/raw@a | --set off-diagonal=2 | off-diagonal
        regmean | net/raw@a | | --side: operator regmean needs a gram file of each input
        regmean | net/raw@a,net/raw@b | --side gram=g/raw@a | --side gram: 1 sources for 2 of --from; allowed: one each
        regmean | net/raw@a | --side gram=g/raw@a --side fisher=g/raw@a | --side: has the names fisher, gram
        wise-ft | net/raw@a,net/raw@b | --side fisher=g/raw@a --side fisher=g/raw@b | --side: fisher=g/raw@a means nothing
        rws | net/raw@a,net/raw@b | | --from: operator rws: 2 models; allowed: 4 or more, which are base
        wise-ft | net@a | | --from: is net@a; allowed: MODEL/CHANNEL@RUN
        wise-ft | net/raw:1,net/raw:2 | | --from: names no run; allowed: at least one
        swamp | net/raw@a | --last 0 | --last: is 0; allowed: 1 to 10000
        swamp | net/raw@a,net/raw@b | --last 2 | --last: is 2 with 2 runs
        swamp | net/raw@a | --last 2 --tensor x=y | --tensor x:
        wise-ft | net/raw@a,merged/raw@b | | --to: is merged, and so is the model of merged/raw@b
        """)
    void isRefused(String operator, String from, String more, String said) {
        Stream<String> words = Stream.concat(
                Stream.of("job", "--operator", operator, "--from", from, "--to", "merged", "--run", "r"),
                more == null ? Stream.of() : Arrays.stream(more.split(" ")));
        StringWriter err = new StringWriter();
        int code =
                Weir.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), words.toArray(String[]::new));
        assertThat(err.toString()).contains(said).hasLineCount(1);
        assertThat(code).isEqualTo(2);
    }
}
