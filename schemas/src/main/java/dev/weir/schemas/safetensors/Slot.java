package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;

/**
 * Where a tensor lies.
 *
 * @param spec what it is
 * @param file the file that holds it
 * @param bytes that file, mapped
 * @param offset its first byte in the file
 */
record Slot(TensorSpec spec, Path file, MappedFile bytes, long offset) {}
