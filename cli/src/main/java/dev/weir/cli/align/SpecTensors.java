package dev.weir.cli.align;

import dev.weir.operators.align.Matching;
import dev.weir.operators.align.PermutationSpec;
import dev.weir.operators.align.Tensor;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tensors of a layout as a permutation spec names them: one by its name or, by a name with a star for a number, all of
 * numbers from 0 on as a single one with an axis more, the first.
 */
final class SpecTensors {

    /** Bytes at most of what is permuted under one name. */
    private static final long MAX_BYTES = 1L << 30;

    /**
     * Where the elements of a tensor come from.
     *
     * @param tensor in the model before
     * @param groups of its axes, which are permuted
     */
    record Source(TensorSpec tensor, List<String> groups) {}

    /** A tensor's name in the spec, and its number under the star; -1 without one. */
    private record Place(String key, int number) {}

    private final PermutationSpec spec;
    private final SortedMap<String, List<TensorSpec>> members = new TreeMap<>();
    private final Map<String, Place> places = new HashMap<>();

    private SpecTensors(PermutationSpec spec) {
        this.spec = spec;
    }

    /** @throws IllegalArgumentException if the layout does not fit the spec; the message names the tensor */
    static SpecTensors of(PermutationSpec spec, Layout layout) {
        SpecTensors tensors = new SpecTensors(spec);
        for (String key : spec.axes().keySet()) {
            List<TensorSpec> found = key.contains("*")
                    ? numbered(key, layout)
                    : layout.tensors().stream()
                            .filter(tensor -> tensor.name().equals(key))
                            .toList();
            tensors.enter(key, found);
        }
        spec.sizes(tensors.shapes());
        return tensors;
    }

    private void enter(String key, List<TensorSpec> found) {
        for (int number = 0; number < found.size(); number++) {
            String tensor = found.get(number).name();
            Place other = places.put(tensor, new Place(key, key.contains("*") ? number : -1));
            if (other != null) {
                throw new IllegalArgumentException("permutation spec: tensor " + tensor + " is named by " + other.key()
                        + " and by " + key + "; allowed: once");
            }
        }
        if (!found.isEmpty()) {
            members.put(key, found);
        }
    }

    private static List<TensorSpec> numbered(String key, Layout layout) {
        int star = key.indexOf('*');
        if (key.lastIndexOf('*') != star) {
            throw new IllegalArgumentException("permutation spec: " + key + " has several stars; allowed: one");
        }
        Pattern pattern = Pattern.compile(
                Pattern.quote(key.substring(0, star)) + "(0|[1-9][0-9]{0,8})" + Pattern.quote(key.substring(star + 1)));
        SortedMap<Integer, TensorSpec> found = new TreeMap<>();
        for (TensorSpec tensor : layout.tensors()) {
            Matcher name = pattern.matcher(tensor.name());
            if (name.matches()) {
                found.put(Integer.parseInt(name.group(1)), tensor);
            }
        }
        List<TensorSpec> tensors = List.copyOf(found.values());
        if (!tensors.isEmpty() && found.lastKey() != tensors.size() - 1) {
            throw new IllegalArgumentException("permutation spec: " + key + " stands for the numbers " + found.keySet()
                    + "; allowed: all from 0 on");
        }
        for (TensorSpec tensor : tensors) {
            TensorSpec first = tensors.getFirst();
            if (!tensor.shape().equals(first.shape()) || tensor.dtype() != first.dtype()) {
                throw new IllegalArgumentException("permutation spec: " + key + ": tensor " + tensor.name() + " is "
                        + tensor.dtype() + " " + tensor.shape() + "; allowed: as " + first.name() + ", "
                        + first.dtype() + " " + first.shape());
            }
        }
        return tensors;
    }

    private Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new TreeMap<>();
        members.forEach((key, tensors) -> shapes.put(key, shape(key, tensors)));
        return shapes;
    }

    private static List<Long> shape(String key, List<TensorSpec> tensors) {
        List<Long> shape = new ArrayList<>(tensors.getFirst().shape());
        if (key.contains("*")) {
            shape.addFirst((long) tensors.size());
        }
        return shape;
    }

    /** Their values in a file of the layout, by their names in the spec. */
    Map<String, Tensor> read(SafetensorsFile file) {
        Map<String, Tensor> tensors = new TreeMap<>();
        members.forEach((key, found) -> {
            int[] shape = shape(key, found).stream().mapToInt(Math::toIntExact).toArray();
            tensors.put(key, new Tensor(shape, values(file, key, found)));
        });
        return tensors;
    }

    /** From where a tensor's elements come; empty where the spec does not name it. */
    Optional<Source> source(TensorSpec tensor, Matching matching) {
        Place place = places.get(tensor.name());
        if (place == null) {
            return Optional.empty();
        }
        List<String> groups = Objects.requireNonNull(spec.axes().get(place.key()), place.key());
        if (place.number() < 0) {
            return Optional.of(new Source(tensor, groups));
        }
        int[] numbers = matching.permutations().get(groups.getFirst());
        int from = numbers == null ? place.number() : numbers[place.number()];
        List<TensorSpec> all = Objects.requireNonNull(members.get(place.key()), place.key());
        return Optional.of(new Source(all.get(from), groups.subList(1, groups.size())));
    }

    private static double[] values(SafetensorsFile file, String key, List<TensorSpec> tensors) {
        long bytes = tensors.stream().mapToLong(TensorSpec::byteSize).sum();
        Dtype dtype = tensors.getFirst().dtype();
        if (!dtype.isFloat() || bytes > MAX_BYTES) {
            throw new IllegalArgumentException(file.path() + ": tensor " + key + " of " + dtype + " has " + bytes
                    + " bytes; allowed in a permutation spec: float tensors of at most " + MAX_BYTES + " bytes");
        }
        double[] values = new double[(int) (bytes / dtype.bytes())];
        int at = 0;
        for (TensorSpec tensor : tensors) {
            int elements = (int) tensor.elements();
            double[] some = new double[elements];
            MemorySegment raw = MemorySegment.ofBuffer(file.read(tensor, 0, (int) tensor.byteSize()));
            Kernel.create().decode64(raw, dtype, 0, elements, some);
            System.arraycopy(some, 0, values, at, elements);
            at += elements;
        }
        return values;
    }
}
