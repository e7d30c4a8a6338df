package dev.weir.benchmarks;

import dev.weir.cli.merge.OfflineMerge;
import dev.weir.cli.up.JavaCommand;
import dev.weir.operators.Operators;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A way from the inputs to one output on disk. */
enum MergeSide {
    /** Weir's merge in this JVM, whose loops are compiled after the first round; the output is on disk. */
    MERGE {
        @Override
        double seconds(MergeFiles files) throws InterruptedException {
            long began = System.nanoTime();
            List<Long> steps =
                    LongStream.rangeClosed(1, files.inputs().size()).boxed().toList();
            new OfflineMerge(Operators.create("swa", Map.of()), List.of()).merge(files.inputs(), steps, files.output());
            return since(began);
        }
    },
    /** The same as people run it, from the start of a JVM to its end. */
    COMMAND {
        @Override
        double seconds(MergeFiles files) throws IOException, InterruptedException {
            List<String> words = new ArrayList<>(
                    List.of("merge", "--operator", "swa", "-o", files.output().toString()));
            files.inputs().forEach(input -> words.add(input.toString()));
            return run(new JavaCommand("merge", flags()).verb(words.toArray(String[]::new)));
        }
    },
    /** All inputs read once, one of them copied, the copy on disk. */
    LIMIT {
        @Override
        double seconds(MergeFiles files) throws IOException, InterruptedException {
            String output = files.output().toString();
            List<String> cat = new ArrayList<>(List.of("cat"));
            files.inputs().forEach(input -> cat.add(input.toString()));
            return run(cat)
                    + run(List.of("cp", files.inputs().getFirst().toString(), output))
                    + run(List.of("sync", output));
        }
    },
    /** Maps, sums in f32, divides and writes to disk; without Python's start. */
    NUMPY {
        @Override
        double seconds(MergeFiles files) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of("python3", "-c", SCRIPT));
            files.inputs().forEach(input -> command.add(input.toString()));
            command.add(files.output().toString());
            return Double.parseDouble(output(command).strip());
        }
    };

    private static final String SCRIPT = """
            import os, struct, sys, time
            import numpy as np
            began = time.perf_counter()
            *inputs, output = sys.argv[1:]
            with open(inputs[0], "rb") as file:
                header = file.read(8)
                header += file.read(struct.unpack("<Q", header)[0])
            weights = [np.memmap(name, dtype="<f4", mode="r", offset=len(header)) for name in inputs]
            total = weights[0].copy()
            for other in weights[1:]:
                total += other
            total /= len(weights)
            with open(output, "wb") as file:
                file.write(header)
                total.tofile(file)
                file.flush()
                os.fsync(file.fileno())
            print(time.perf_counter() - began)
            """;

    /** How long it takes; leaves the output behind. */
    abstract double seconds(MergeFiles files) throws IOException, InterruptedException;

    static boolean numpyIsThere() throws InterruptedException {
        try {
            run(List.of("python3", "-c", "import numpy"));
            return true;
        } catch (IOException absent) {
            return false;
        }
    }

    /** The heap is small; loaded classes come from where this JVM has them from. */
    private static String[] flags() {
        return Stream.concat(
                        Stream.of("-Xmx512m"),
                        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                .filter(flag -> flag.startsWith("-XX:AOT") || flag.startsWith("-Xlog:")))
                .toArray(String[]::new);
    }

    private static double run(List<String> command) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        ended(command, process);
        return since(began);
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        ended(command, process);
        return said;
    }

    private static void ended(List<String> command, Process process) throws IOException, InterruptedException {
        int exit = process.waitFor();
        if (exit != 0) {
            throw new IOException(command.getFirst() + ": exit " + exit + "; needed: 0; the whole command: " + command);
        }
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
