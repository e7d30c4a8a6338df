package dev.weir.cli.option;

import dev.weir.cli.WeirException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many partitions the data topics of a model have: said once, when they are made. */
public final class PartitionsOption {

    /** Where nobody says. */
    private static final int DEFAULT = 4;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Partitions of a new model's data topics; fixed for its life (default: " + DEFAULT + ").")
    private @Nullable Integer partitions;

    /** What was given; null: nothing. */
    public @Nullable Integer given() {
        return partitions;
    }

    /** As {@link #chosen}, with what was given. */
    public int of(String model, int there) {
        return chosen(model, there, partitions);
    }

    /**
     * The partitions that a model has or will have.
     *
     * @param there how many it has; 0: it has no topics yet
     * @param wanted how many somebody asks for; null: whatever is there
     * @throws WeirException if it has others
     */
    public static int chosen(String model, int there, @Nullable Integer wanted) {
        if (there > 0 && wanted != null && wanted != there) {
            throw new WeirException(
                    "model " + model,
                    "has " + there + " partitions, the request says " + wanted,
                    "allowed: " + there + ", fixed for the life of a model",
                    "leave partitions out, or use another model name");
        }
        return there > 0 ? there : wanted == null ? DEFAULT : wanted;
    }
}
