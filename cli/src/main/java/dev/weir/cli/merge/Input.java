package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsFile;
import java.util.List;

/**
 * A file that enters.
 *
 * @param coefficients what the operator made of it
 */
record Input(SafetensorsFile file, List<Double> coefficients) {

    Input {
        coefficients = List.copyOf(coefficients);
    }
}
