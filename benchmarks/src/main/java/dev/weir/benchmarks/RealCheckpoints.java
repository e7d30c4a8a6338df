package dev.weir.benchmarks;

import dev.weir.cli.bench.BenchSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where checkpoints of real runs lie: the file that was given, or the folder of the shared data. */
final class RealCheckpoints {
    /** What to do where there are none. */
    static final String NEEDED =
            "needed: --input FILE, a safetensors file that holds several checkpoints as STEP/NAME, or the"
                    + " folder of the shared data in WEIR_SHARED";

    private RealCheckpoints() {}

    /** The folder of trajectories; null: it is not known. */
    static @Nullable Path trajectories() {
        String shared = System.getProperty("weir.shared", Objects.requireNonNullElse(System.getenv("WEIR_SHARED"), ""));
        Path trajectories = Path.of(shared, "data", "trajectories");
        return shared.isEmpty() || !Files.isDirectory(trajectories) ? null : trajectories;
    }

    /** Neighbours of a run in bf16 that came at a learning rate of 1e-5, or the last but one pair of what was given. */
    static @Nullable CheckpointPair pair(BenchSettings settings) {
        Path input = settings.input();
        Path trajectories = trajectories();
        if (input == null && trajectories == null) {
            return null;
        }
        Path file = input == null ? Objects.requireNonNull(trajectories).resolve("d_bf16.safetensors") : input;
        return CheckpointPair.last(3, file).getFirst();
    }
}
