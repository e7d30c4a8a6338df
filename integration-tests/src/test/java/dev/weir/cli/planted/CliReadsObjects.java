package dev.weir.cli.planted;

import java.io.ObjectInputStream;

/** Breaks a rule on purpose. */
public record CliReadsObjects(ObjectInputStream stream) {}
