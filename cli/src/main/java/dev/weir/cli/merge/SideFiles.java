package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The second file of each model, with numbers for its elements: tensors of the same names and shapes, of any float dtype. */
final class SideFiles implements AutoCloseable {
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final List<Map<String, TensorSpec>> tensors = new ArrayList<>();

    private SideFiles() {}

    /** @throws IllegalArgumentException when there is not one for each model, or a tensor is of another shape */
    static SideFiles open(List<Path> paths, InputFiles models) {
        if (!paths.isEmpty() && paths.size() != models.count()) {
            throw new IllegalArgumentException(
                    paths.size() + " side files for " + models.count() + " models; allowed: one each, in their order");
        }
        Map<String, TensorSpec> expected = new HashMap<>();
        models.layout().tensors().forEach(tensor -> expected.put(tensor.name(), tensor));
        SideFiles opened = new SideFiles();
        try {
            for (Path path : paths) {
                opened.add(SafetensorsFile.open(path), expected);
            }
            return opened;
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    private void add(SafetensorsFile file, Map<String, TensorSpec> expected) {
        files.add(file);
        Map<String, TensorSpec> known = new HashMap<>();
        for (TensorSpec tensor : file.layout().tensors()) {
            TensorSpec model = expected.get(tensor.name());
            if (model == null
                    || !model.shape().equals(tensor.shape())
                    || !tensor.dtype().isFloat()) {
                throw new IllegalArgumentException(file.path() + ": " + tensor
                        + (model == null ? " is no tensor of the model" : " does not fit the model's " + model)
                        + "; allowed: the model's names and shapes, in a float dtype");
            }
            known.put(tensor.name(), tensor);
        }
        tensors.add(known);
    }

    int count() {
        return files.size();
    }

    SafetensorsFile file(int model) {
        return files.get(model);
    }

    /** The tensor of that name in a model's second file. */
    TensorSpec tensor(int model, TensorSpec tensor) {
        return Objects.requireNonNull(tensors.get(model).get(tensor.name()), tensor.name());
    }

    /** Whether a model's second file has a tensor of that name. */
    boolean has(int model, TensorSpec tensor) {
        return model < tensors.size() && tensors.get(model).containsKey(tensor.name());
    }

    /** Whether all models' second files have a tensor of that name. */
    boolean all(TensorSpec tensor) {
        return tensors.stream().allMatch(known -> known.containsKey(tensor.name()));
    }

    /** A number of a second file is not allowed. */
    IllegalArgumentException refused(int model, TensorSpec tensor, IllegalArgumentException why) {
        return new IllegalArgumentException(
                file(model).path() + ": tensor " + tensor.name() + ": " + why.getMessage(), why);
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
