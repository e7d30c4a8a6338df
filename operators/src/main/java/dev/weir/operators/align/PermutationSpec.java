package dev.weir.operators.align;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which axes of which tensors are permuted together. All axes of a group are in the order of the same units: the outputs of a
 * layer, its bias and normalisation, and the inputs of the next one. Layers on one residual stream share a group.
 *
 * @param axes of each tensor the group of every axis, empty for an axis that stays; tensors that are not named stay
 */
public record PermutationSpec(SortedMap<String, List<String>> axes) {

    private static final Pattern LAYER = Pattern.compile("(.*?)(\\d+)\\.(weight|bias)");

    public PermutationSpec {
        SortedMap<String, List<String>> copy = new TreeMap<>();
        axes.forEach((tensor, groups) -> copy.put(tensor, List.copyOf(groups)));
        axes = Collections.unmodifiableSortedMap(copy);
        if (groups(axes).isEmpty()) {
            throw new IllegalArgumentException(
                    "permutation spec: names no group; allowed: at least one axis in a group");
        }
    }

    /** The groups, ascending. */
    public List<String> groups() {
        return groups(axes);
    }

    /**
     * Units in each group.
     *
     * @param shapes of the model's tensors
     * @throws IllegalArgumentException if a tensor is missing, has another number of axes, or two axes of a group differ
     */
    public SortedMap<String, Integer> sizes(Map<String, List<Long>> shapes) {
        SortedMap<String, Integer> sizes = new TreeMap<>();
        axes.forEach((tensor, groups) -> {
            List<Long> shape = shapes.get(tensor);
            if (shape == null || shape.size() != groups.size()) {
                throw new IllegalArgumentException("permutation spec: tensor " + tensor + " has axes " + groups
                        + ", in the model " + (shape == null ? "it is missing" : "its shape is " + shape)
                        + "; allowed: a group, or nothing, for each axis");
            }
            for (int axis = 0; axis < groups.size(); axis++) {
                String group = groups.get(axis);
                if (!group.isEmpty()) {
                    int length = Math.toIntExact(shape.get(axis));
                    Integer other = sizes.putIfAbsent(group, length);
                    if (other != null && other != length) {
                        throw new IllegalArgumentException("permutation spec: group " + group + " has " + other
                                + " units, and " + length + " on axis " + axis + " of tensor " + tensor
                                + "; allowed: the same everywhere");
                    }
                }
            }
        });
        return sizes;
    }

    /**
     * That of a plain multi-layer perceptron, named as by PyTorch's {@code Sequential}: {@code 0.weight}, {@code 0.bias}, {@code
     * 2.weight} and so on, with anything before the number that is the same for all. Every layer but the last has a group of
     * its outputs.
     *
     * @param shapes of the model's tensors, weights being outputs by inputs
     * @throws IllegalArgumentException if it is none; the message names the tensor
     */
    public static PermutationSpec ofMlp(Map<String, List<Long>> shapes) {
        SortedMap<Integer, String> layers = new TreeMap<>();
        for (String tensor : new TreeMap<>(shapes).keySet()) {
            Matcher name = LAYER.matcher(tensor);
            if (!name.matches()) {
                throw noMlp(tensor, "is no N.weight or N.bias");
            }
            layers.putIfAbsent(Integer.parseInt(name.group(2)), name.group(1) + name.group(2));
        }
        List<String> names = List.copyOf(layers.values());
        SortedMap<String, List<String>> axes = new TreeMap<>();
        for (int layer = 0; layer < names.size(); layer++) {
            String out = layer == names.size() - 1 ? "" : names.get(layer);
            String in = layer == 0 ? "" : names.get(layer - 1);
            addLayer(names.get(layer), out, in, shapes, axes);
        }
        for (String tensor : shapes.keySet()) {
            if (!axes.containsKey(tensor)) {
                throw noMlp(tensor, "has another name before its number than the rest");
            }
        }
        if (names.size() < 2) {
            throw noMlp(names.isEmpty() ? "-" : names.get(0) + ".weight", "has no hidden layer around it");
        }
        PermutationSpec spec = new PermutationSpec(axes);
        spec.sizes(shapes);
        return spec;
    }

    private static void addLayer(
            String layer, String out, String in, Map<String, List<Long>> shapes, Map<String, List<String>> axes) {
        List<Long> weight = shapes.get(layer + ".weight");
        if (weight == null || weight.size() != 2) {
            throw noMlp(layer + ".weight", weight == null ? "is missing" : "has shape " + weight);
        }
        axes.put(layer + ".weight", List.of(out, in));
        List<Long> bias = shapes.get(layer + ".bias");
        if (bias != null) {
            if (!bias.equals(weight.subList(0, 1))) {
                throw noMlp(layer + ".bias", "has shape " + bias + " beside a weight of " + weight);
            }
            axes.put(layer + ".bias", List.of(out));
        }
    }

    private static List<String> groups(SortedMap<String, List<String>> axes) {
        return axes.values().stream()
                .flatMap(List::stream)
                .filter(group -> !group.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    private static IllegalArgumentException noMlp(String tensor, String problem) {
        return new IllegalArgumentException("no plain multi-layer perceptron: tensor " + tensor + " " + problem
                + "; allowed: 0.weight, 0.bias, 2.weight ... of outputs by inputs, or a permutation spec");
    }
}
