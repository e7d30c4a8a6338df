package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class TrainingTest {

    private final Digits digits = Digits.load();

    @Test
    void theSameSeedGivesTheSameBitsOnEveryMachine() {
        assertThat(secondCheckpoint(11, 0).digest())
                .isEqualTo(secondCheckpoint(11, 0).digest())
                .isEqualTo("176c5508f4878c919853a98b14d26cc27eeec2039624e9de511368c80d0b1622");
    }

    @Test
    void anotherSeedOrTrainerGivesOthers() {
        String digest = secondCheckpoint(11, 0).digest();
        assertThat(secondCheckpoint(12, 0).digest()).isNotEqualTo(digest);
        assertThat(secondCheckpoint(11, 1).digest()).isNotEqualTo(digest);
    }

    @Test
    void checkpointsComeTenStepsApart() {
        Trainer trainer = trainer(11, 0);
        assertThat(trainer.next().step()).isEqualTo(10);
        assertThat(trainer.next().step()).isEqualTo(20);
    }

    @Test
    void heldOutRowsAreNeverTrainedOn() {
        assertThat(Release1.data(digits, 11).rows())
                .hasSize(300)
                .doesNotHaveDuplicates()
                .doesNotContain(digits.heldOut());
        assertThat(Release2.data(digits, 11).rows())
                .containsExactlyInAnyOrder(digits.trainable())
                .doesNotContain(digits.heldOut());
        assertThatThrownBy(() -> TrainingSet.of(digits, new int[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("row 2 is held out");
    }

    @Test
    void aTenthOfTheLabelsIsWrong() {
        TrainingSet data = Release2.data(digits, 11);
        long wrong = Arrays.stream(data.rows())
                .filter(row -> data.label(row) != digits.label(row))
                .count();
        assertThat(wrong).isEqualTo(120);
        assertThat(Arrays.stream(data.rows()).boxed())
                .allSatisfy(row -> assertThat(data.label(row)).isBetween(0, 9));
    }

    @Test
    void release1LearnsFromTrueLabels() {
        TrainingSet data = Release1.data(digits, 11);
        assertThat(Arrays.stream(data.rows()).boxed())
                .allSatisfy(row -> assertThat(data.label(row)).isEqualTo(digits.label(row)));
    }

    @Test
    void batchesHoldEachRowOnceAnOrder() {
        int[] rows = {10, 11, 12, 13, 14, 15, 16};
        Batches batches = new Batches(rows, 3, Draws.ofTrainer(1, 0));
        for (int order = 0; order < 20; order++) {
            int[] first = batches.next();
            int[] second = batches.next();
            assertThat(first).hasSize(3).doesNotHaveDuplicates().doesNotContain(second);
            assertThat(second).hasSize(3).doesNotHaveDuplicates();
        }
        assertThatThrownBy(() -> new Batches(rows, 8, Draws.ofTrainer(1, 0)))
                .hasMessage("batches of 8 rows, allowed: 1 to 7");
    }

    private Mlp secondCheckpoint(long seed, int number) {
        Trainer trainer = trainer(seed, number);
        trainer.next();
        return trainer.next().weights();
    }

    private Trainer trainer(long seed, int number) {
        return Release2.trainer(Release1.train(digits, seed), Release2.data(digits, seed), seed, number);
    }
}
