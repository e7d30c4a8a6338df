package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Weir;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.HttpJson;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Loads what the short verbs load, so that the launcher can keep it in an ahead-of-time cache. */
@Command(
        name = "train",
        hidden = true,
        description = "Touches the classes that short verbs need; a part of the build.",
        footer = {"", "Example:", "  weir train"})
final class TrainVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Override
    public Integer call() {
        CommandLine weir = Weir.commandLine("--help");
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        weir.usage(nowhere);
        weir.printVersionHelp(nowhere);
        for (CommandLine verb : weir.getSubcommands().values()) {
            verb.usage(nowhere);
        }
        try (Admin admin = Admin.create(client.kafka())) {
            admin.close(Duration.ZERO);
        }
        try (Registry registry = Registry.connect("mock://train", Map.of())) {
            RecordCodec codec = registry.codec();
            codec.read(codec.write(ModelKey.newBuilder().setModel("train").build()));
        }
        try {
            HttpJson.get(client, "/status");
        } catch (WeirException e) {
            // Nobody has to be there.
        }
        return ExitCode.DONE;
    }
}
