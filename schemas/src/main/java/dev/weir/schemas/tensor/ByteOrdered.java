package dev.weir.schemas.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Byte order of UTF-8 names, bytes being unsigned: the order of code points, which is not that of Java's strings. */
final class ByteOrdered {

    private ByteOrdered() {}

    static List<TensorSpec> sort(Collection<TensorSpec> tensors) {
        List<Named> named = new ArrayList<>(tensors.size());
        for (TensorSpec tensor : tensors) {
            named.add(new Named(tensor.nameBytes(), tensor));
        }
        named.sort((a, b) -> Arrays.compareUnsigned(a.name, b.name));
        List<TensorSpec> sorted = new ArrayList<>(named.size());
        for (Named next : named) {
            if (!sorted.isEmpty() && sorted.get(sorted.size() - 1).name().equals(next.tensor.name())) {
                throw new IllegalArgumentException(
                        "tensor " + next.tensor.name() + " is there twice, names must be unique");
            }
            sorted.add(next.tensor);
        }
        return List.copyOf(sorted);
    }

    static int compare(TensorSpec a, TensorSpec b) {
        return Arrays.compareUnsigned(a.nameBytes(), b.nameBytes());
    }

    private record Named(byte[] name, TensorSpec tensor) {}
}
