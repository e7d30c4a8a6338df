package dev.weir.cli.flips;

/** Whose predictions a file holds. */
enum Side {
    OLD,
    NEW,
    OTHER
}
