package dev.weir.cli.demo;

import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.tensor.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A class-incremental stream of MNIST, trained by the demo's trainer: five tasks of two digits each, one after the other, every
 * training digit seen once as new. Half of each batch is new; the other half is drawn from a memory of earlier digits, filled by
 * reservoir sampling. Images are 8x8: of the inner 24x24 pixels the mean of each 3x3.
 */
public final class ClassIncremental {
    /** Tasks, each of two classes: 0 and 1, then 2 and 3, and so on. */
    public static final int TASKS = 5;
    /** Digits that are trained on. */
    public static final int TRAINED = 6_000;
    /** New digits of a batch, and as many of the memory. */
    public static final int NEW = 5;
    /** Digits that the memory holds. */
    public static final int MEMORY = 200;

    /** What the stream's models hold. */
    public static final Layout LAYOUT = Mlp.LAYOUT;

    private static final int EVALUATED = 3_000;
    private static final float RATE = 0.1f;
    private static final int CELL = 3;
    private static final int BORDER = 2;
    private static final int EDGE = 28;

    /** Told of every step. */
    public interface Step {
        /**
         * A step is taken.
         *
         * @param step its number, from 1
         * @param task the one that is trained, from 0
         * @param weights those after the step
         */
        void taken(long step, int task, Weights weights);
    }

    private final Digits digits;
    private final Draws draws;
    private final int[] memory = new int[MEMORY];
    private int remembered;

    private ClassIncremental(Digits digits, long seed) {
        this.digits = digits;
        this.draws = Draws.of(seed, Draws.Purpose.RELEASE_1_ORDER);
    }

    /** Trains through all tasks. */
    public static void train(ClassDigits digits, long seed, Step each) {
        new ClassIncremental(digits.digits, seed).run(seed, each);
    }

    private void run(long seed, Step each) {
        TrainingSet data = TrainingSet.of(digits, digits.trainable());
        Sgd sgd = new Sgd(Mlp.initial(Draws.of(seed, Draws.Purpose.RELEASE_1_WEIGHTS)), RATE);
        int seen = 0;
        long step = 0;
        for (int task = 0; task < TASKS; task++) {
            int[] rows = rows(task);
            draws.shuffle(rows);
            for (int from = 0; from + NEW <= rows.length; from += NEW) {
                int[] fresh = Arrays.copyOfRange(rows, from, from + NEW);
                sgd.step(data, batch(fresh));
                for (int row : fresh) {
                    remember(row, seen++);
                }
                each.taken(++step, task, weights(sgd.weights()));
            }
        }
    }

    private int[] rows(int task) {
        return Arrays.stream(digits.trainable())
                .filter(row -> digits.label(row) / 2 == task)
                .toArray();
    }

    private int[] batch(int[] fresh) {
        int old = Math.min(NEW, remembered);
        int[] batch = Arrays.copyOf(fresh, NEW + old);
        for (int i = 0; i < old; i++) {
            batch[NEW + i] = memory[draws.below(remembered)];
        }
        return batch;
    }

    /** Vitter's reservoir: after n digits each of them is held with the same probability. */
    private void remember(int row, int before) {
        int place = remembered < MEMORY ? remembered++ : draws.below(before + 1);
        if (place < MEMORY) {
            memory[place] = row;
        }
    }

    private static Weights weights(Mlp model) {
        List<float[]> tensors = new ArrayList<>();
        for (int i = 0; i < Mlp.LAYOUT.chunkCount(); i++) {
            ByteBuffer bytes = model.source().read(Mlp.LAYOUT.chunk(i)).duplicate();
            float[] values = new float[bytes.remaining() / Float.BYTES];
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            tensors.add(values);
        }
        return new Weights(Mlp.LAYOUT, tensors);
    }

    /** The digits of the stream, small enough for the demo's model. */
    public static final class ClassDigits {
        private final Digits digits;

        private ClassDigits(Digits digits) {
            this.digits = digits;
        }

        /**
         * The demo holds back every third row: these are the evaluation digits, the others the first training digits.
         *
         * @param training {@link #TRAINED} or more
         * @param evaluation 3,000
         */
        public static ClassDigits of(Mnist training, Mnist evaluation) {
            List<float[]> pixels = new ArrayList<>();
            int[] labels = new int[TRAINED + EVALUATED];
            for (int row = 0; row < labels.length; row++) {
                Mnist from = Digits.isHeldOut(row) ? evaluation : training;
                int number = Digits.isHeldOut(row) ? row / 3 : row - row / 3;
                pixels.add(small(from.image(number)));
                labels[row] = from.label(number);
            }
            return new ClassDigits(Digits.of(pixels, labels));
        }

        /**
         * Share of each task's evaluation digits that a model names rightly.
         *
         * @param weights of the demo's model
         */
        public double[] accuracies(Weights weights) {
            Mlp model = Mlp.of(flat(weights));
            int[] right = new int[TASKS];
            int[] all = new int[TASKS];
            for (int row : digits.heldOut()) {
                int task = digits.label(row) / 2;
                all[task]++;
                right[task] += model.predict(digits.pixels(row)) == digits.label(row) ? 1 : 0;
            }
            return IntStream.range(0, TASKS)
                    .mapToDouble(task -> (double) right[task] / all[task])
                    .toArray();
        }

        private static float[] flat(Weights weights) {
            float[] values = new float[Mlp.PARAMETERS];
            int at = 0;
            for (float[] tensor : weights.tensors()) {
                System.arraycopy(tensor, 0, values, at, tensor.length);
                at += tensor.length;
            }
            return values;
        }

        private static float[] small(float[] image) {
            float[] small = new float[Digits.PIXELS];
            for (int i = 0; i < small.length; i++) {
                int top = BORDER + CELL * (i / 8);
                int left = BORDER + CELL * (i % 8);
                for (int p = 0; p < CELL * CELL; p++) {
                    small[i] += image[(top + p / CELL) * EDGE + left + p % CELL] / (CELL * CELL);
                }
            }
            return small;
        }
    }
}
