package dev.weir.operators.planted;

import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks a rule on purpose. */
public record OperatorsReadsFiles(Path file) {
    boolean there() {
        return Files.exists(file);
    }
}
