package dev.weir.cli.watch;

import java.nio.file.Path;

/**
 * A checkpoint in a directory.
 *
 * @param path a safetensors file, a sharded model's index, or a folder that holds one of them
 * @param step as its name says, 0 or more
 * @param looks what differs once somebody writes to it
 */
public record Found(Path path, long step, String looks) {}
