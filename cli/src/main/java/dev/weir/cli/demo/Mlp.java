package dev.weir.cli.demo;

import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * The demo's model: logits = W2 relu(W1 x + b1) + b2 in f32, 64-32-10, with the tensors {@code 0.weight}, {@code 0.bias},
 * {@code 2.weight} and {@code 2.bias}, weights being outputs x inputs, row-major. Every sum starts at the bias and adds
 * the inputs in order, so that all machines get the same bits. Immutable.
 */
final class Mlp {

    /** Inputs of the first layer. */
    static final int INPUTS = Digits.PIXELS;

    /** Outputs of the first layer. */
    static final int HIDDEN = 32;

    /** Outputs of the second layer. */
    static final int OUTPUTS = Digits.CLASSES;

    /** Where each tensor starts in {@link #values}: the layout's tensors, one behind the other. */
    static final int BIAS_1 = 0;

    static final int WEIGHT_1 = BIAS_1 + HIDDEN;
    static final int BIAS_2 = WEIGHT_1 + HIDDEN * INPUTS;
    static final int WEIGHT_2 = BIAS_2 + OUTPUTS;
    static final int PARAMETERS = WEIGHT_2 + OUTPUTS * HIDDEN;

    /** The model's tensors, in one chunk each. */
    static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("0.bias", Dtype.F32, List.of((long) HIDDEN)),
            new TensorSpec("0.weight", Dtype.F32, List.of((long) HIDDEN, (long) INPUTS)),
            new TensorSpec("2.bias", Dtype.F32, List.of((long) OUTPUTS)),
            new TensorSpec("2.weight", Dtype.F32, List.of((long) OUTPUTS, (long) HIDDEN))));

    private static final int[] STARTS = {BIAS_1, WEIGHT_1, BIAS_2, WEIGHT_2};

    private final float[] values;

    private Mlp(float[] values) {
        this.values = values;
    }

    /** The model with these parameters, in the layout's order. */
    static Mlp of(float[] values) {
        if (values.length != PARAMETERS) {
            throw new IllegalArgumentException(values.length + " parameters, needed: " + PARAMETERS);
        }
        return new Mlp(values.clone());
    }

    /** Weights and biases drawn from +-1 / sqrt(inputs), as PyTorch's Linear starts. */
    static Mlp initial(Draws draws) {
        float[] values = new float[PARAMETERS];
        fill(values, WEIGHT_1, HIDDEN * INPUTS, INPUTS, draws);
        fill(values, BIAS_1, HIDDEN, INPUTS, draws);
        fill(values, WEIGHT_2, OUTPUTS * HIDDEN, HIDDEN, draws);
        fill(values, BIAS_2, OUTPUTS, HIDDEN, draws);
        return new Mlp(values);
    }

    private static void fill(float[] values, int from, int count, int inputs, Draws draws) {
        float bound = (float) (1 / StrictMath.sqrt(inputs));
        for (int i = from; i < from + count; i++) {
            values[i] = draws.within(bound);
        }
    }

    /**
     * The model of a file.
     *
     * @throws IllegalArgumentException if its tensors are others
     */
    static Mlp read(SafetensorsFile file) {
        file.layout().difference(LAYOUT).ifPresent(difference -> {
            throw new IllegalArgumentException(file.path() + " is no model of the demo: " + difference);
        });
        return read(file::read);
    }

    /** The model whose chunks, of {@link #LAYOUT}, come from there. */
    static Mlp read(WeightSource source) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * PARAMETERS).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < LAYOUT.chunkCount(); i++) {
            bytes.put(source.read(LAYOUT.chunk(i)).duplicate());
        }
        float[] values = new float[PARAMETERS];
        bytes.flip().asFloatBuffer().get(values);
        return new Mlp(values);
    }

    /** A copy of the parameters, in the layout's order. */
    float[] values() {
        return values.clone();
    }

    /** The model's chunks, as a publisher wants them. */
    WeightSource source() {
        return this::chunk;
    }

    private ByteBuffer chunk(ChunkSpec chunk) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        int from = STARTS[chunk.tensor()] + (int) chunk.firstElement();
        bytes.asFloatBuffer().put(values, from, chunk.elements());
        return bytes;
    }

    /** Writes the model as a safetensors file; see {@link SafetensorsWriter}. */
    void write(Path path) {
        SafetensorsWriter writer = SafetensorsWriter.create(path, LAYOUT);
        try {
            eachChunk(writer::write);
        } catch (RuntimeException e) {
            writer.abandon();
            throw e;
        }
        writer.close();
    }

    /** The content digest of the model, in hexadecimal. */
    String digest() {
        ContentDigest digest = new ContentDigest(LAYOUT);
        eachChunk(digest::update);
        return HexFormat.of().formatHex(digest.finish());
    }

    private void eachChunk(Consumer<ByteBuffer> action) {
        for (int i = 0; i < LAYOUT.chunkCount(); i++) {
            action.accept(chunk(LAYOUT.chunk(i)));
        }
    }

    /** The class with the largest logit, the lowest of several. */
    int predict(float[] x) {
        float[] logits = new float[OUTPUTS];
        forward(values, x, new float[HIDDEN], logits);
        int best = 0;
        for (int k = 1; k < OUTPUTS; k++) {
            if (logits[k] > logits[best]) {
                best = k;
            }
        }
        return best;
    }

    /** Fills hidden, after the relu, and logits. */
    static void forward(float[] values, float[] x, float[] hidden, float[] logits) {
        for (int j = 0; j < HIDDEN; j++) {
            float sum = values[BIAS_1 + j];
            int row = WEIGHT_1 + j * INPUTS;
            for (int i = 0; i < INPUTS; i++) {
                sum += values[row + i] * x[i];
            }
            hidden[j] = sum > 0 ? sum : 0;
        }
        for (int k = 0; k < OUTPUTS; k++) {
            float sum = values[BIAS_2 + k];
            int row = WEIGHT_2 + k * HIDDEN;
            for (int j = 0; j < HIDDEN; j++) {
                sum += values[row + j] * hidden[j];
            }
            logits[k] = sum;
        }
    }
}
