package dev.weir.cli.up;

import java.nio.file.Path;
import java.util.List;

/**
 * One process that {@code up} keeps running.
 *
 * @param name what status calls it, such as {@code broker}
 * @param model the model it serves; empty for those that serve all
 * @param command the command line; it prints one line that begins with {@code ready} once it answers
 * @param dir its working directory
 * @param log where what it prints goes
 */
record ChildSpec(String name, String model, List<String> command, Path dir, Path log) {

    ChildSpec {
        command = List.copyOf(command);
    }

    /** The name in messages. */
    String title() {
        return model.isEmpty() ? name : name + " of " + model;
    }
}
