package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsFile;
import java.util.List;

/**
 * A file that enters.
 *
 * @param number of the input, which its second file has, too
 * @param coefficients what the operator made of it
 */
record Input(int number, SafetensorsFile file, List<Double> coefficients) {

    Input {
        coefficients = List.copyOf(coefficients);
    }
}
