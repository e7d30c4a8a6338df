package dev.weir.topology.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionAction;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A million examples in one evaluation, in any order, every tenth of them twice; two candidates at the same time. */
final class MillionExamplesTest implements EvaluationOutput {
    private static final int EXAMPLES = 1_000_000;
    private static final int DUPLICATES = EXAMPLES / 10;
    private static final int BATCH = 1_000;
    private static final Subject OLD = new Subject("raw", 1L);
    private static final Subject NEW = new Subject("raw", 2L);
    private static final Subject ANOTHER = new Subject("raw", 3L);

    private final RecordCodec codec =
            Registry.connect("mock://million-examples", Map.of()).codec();
    private final byte[] key = codec.write(new ModelKey(1, "m"));
    private final EvaluationFold fold = new EvaluationFold(codec);
    private final Random random = new Random(7);
    private @Nullable Compatibility newest;
    private long comparisons;
    private long offset;

    @Test
    void areCountedRightInLittleMemory() {
        System.gc();
        long before = used();
        long began = System.nanoTime();
        append(new PromotionRequest(1, "r", PromotionAction.PROMOTE, OLD, "me", "so"));
        evaluate(OLD);
        long half = System.nanoTime();
        evaluate(NEW, ANOTHER);
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        System.gc();
        System.out.printf(
                "MillionExamplesTest: three evaluations of %,d examples in %d s (the last two, at the same time, in %d s), %,d comparisons, "
                        + "%d MiB of state%n",
                EXAMPLES, seconds, (System.nanoTime() - half) / 1_000_000_000, comparisons, (used() - before) >> 20);
        Compatibility found = java.util.Objects.requireNonNull(newest);
        assertThat(found.getComplete()).isTrue();
        assertThat(found.getDuplicates()).isEqualTo(DUPLICATES);
        // One in ten is wrong before, one in seven after, so one in seventy both times.
        long wrongBefore = multiples(10);
        long wrongAfter = multiples(7);
        long both = multiples(70);
        assertThat(found)
                .extracting(
                        Compatibility::getExamples,
                        Compatibility::getBothRight,
                        Compatibility::getNegative,
                        Compatibility::getPositive,
                        Compatibility::getBothWrong,
                        Compatibility::getMissing,
                        Compatibility::getUnknown)
                .containsExactly(
                        (long) EXAMPLES,
                        EXAMPLES - wrongBefore - wrongAfter + both,
                        wrongAfter - both,
                        wrongBefore - both,
                        both,
                        0L,
                        0L);
        assertThat(fold.counters().snapshot())
                .containsEntry("predictions", 3L * EXAMPLES)
                .containsEntry("duplicates", 3L * DUPLICATES);
        assertThat(seconds).isLessThan(300);
    }

    private static long multiples(int of) {
        return (EXAMPLES + of - 1) / of;
    }

    private void evaluate(Subject... subjects) {
        int[] order = new int[EXAMPLES + DUPLICATES];
        for (int i = 0; i < order.length; i++) {
            order[i] = i < EXAMPLES ? i : (i - EXAMPLES) * 10;
        }
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        // The last ten records come behind the end, which alone completes nothing.
        int behind = order.length - 10 * BATCH;
        for (int from = 0; from < order.length; from += BATCH) {
            for (Subject subject : subjects) {
                if (from == behind) {
                    append(new EvaluationEnd(1, subject, "nightly", (long) EXAMPLES));
                }
                append(batch(subject, order, from));
            }
        }
    }

    private static Predictions batch(Subject subject, int[] order, int from) {
        List<String> ids = new ArrayList<>(BATCH);
        List<Integer> labels = new ArrayList<>(BATCH);
        List<Integer> predicted = new ArrayList<>(BATCH);
        List<String> slices = new ArrayList<>(BATCH);
        int wrongEvery = subject.equals(OLD) ? 10 : 7;
        for (int i = from; i < from + BATCH; i++) {
            int example = order[i];
            ids.add("images/validation/example-%07d.png".formatted(example));
            labels.add(example % 100);
            predicted.add(example % wrongEvery == 0 ? 1000 : example % 100);
            slices.add(example % 3 == 0 ? "night" : "day;city");
        }
        return new Predictions(1, subject, "nightly", ids, labels, predicted, slices, List.of(), 0);
    }

    private void append(SpecificRecord record) {
        fold.apply(key, codec.write(record), new RecordHeaders(), offset++, 0, this);
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public void compatibility(Compatibility compatibility) {
        newest = compatibility;
        comparisons++;
    }

    @Override
    public void standings(ChannelStandings given) {}

    @Override
    public void score(SideInput input) {}

    @Override
    public void promotion(Promotion promotion) {}

    @Override
    public void dropped(String reason, String detail) {
        throw new AssertionError(reason + ": " + detail);
    }
}
