package dev.weir.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a command line ended in this JVM. */
record MergeRun(int code, String out, String err) {

    static MergeRun weir(List<String> args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
        return new MergeRun(code, out.toString(), err.toString());
    }

    /** A merge of files to {@code out} in the folder. */
    static MergeRun of(Path folder, String operator, List<Path> inputs, String... more) {
        List<String> args = new ArrayList<>(List.of("merge", "--operator", operator, "-o"));
        args.add(folder.resolve("out").toString());
        args.addAll(List.of(more));
        inputs.forEach(input -> args.add(input.toString()));
        return weir(args);
    }
}
