package dev.weir.cli.demo;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a demo is told.
 *
 * @param seed everything but times follows from it
 * @param checkpoints of both trainers together; 0: as many as fit into the time
 * @param limit when to stop publishing; null: never
 * @param live whether to redraw a screen; else a line a version
 * @param out folder for CHANNEL/current; null: a temporary one
 * @param report JSON file to write; null: none
 * @param switchSteps trainers of release 2 go on from ema-0.9 after every so many of their steps; 0: never
 */
public record DemoSettings(
        long seed,
        int checkpoints,
        @Nullable Duration limit,
        boolean live,
        @Nullable Path out,
        @Nullable Path report,
        int switchSteps) {}
