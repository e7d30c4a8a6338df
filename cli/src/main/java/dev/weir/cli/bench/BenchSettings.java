package dev.weir.cli.bench;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a benchmark is to run.
 *
 * @param quick whether it must end within a minute instead of ten
 * @param input real data instead of its own
 * @param scratch an empty directory, deleted afterwards
 * @param progress takes a line that says how far it is
 */
public record BenchSettings(boolean quick, @Nullable Path input, Path scratch, Consumer<String> progress) {}
