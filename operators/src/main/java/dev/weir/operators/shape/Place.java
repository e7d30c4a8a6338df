package dev.weir.operators.shape;

/**
 * Where a chunk lies in its model.
 *
 * @param tensor name of its tensor
 * @param firstElement its first element, counted from the tensor's start
 */
public record Place(String tensor, long firstElement) {
    /** Of a chunk whose place is of no account. */
    public static final Place ANY = new Place("", 0);
}
