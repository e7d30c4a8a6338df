package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.merge.ModelFiles;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("B21 moerging: registry of experts")
final class ExpertsVerbTest {

    private static final List<TensorSpec> TENSORS = List.of(new TensorSpec("w", Dtype.F32, List.of(20L)));

    @TempDir
    private Path directory = Path.of("");

    private Path registry = Path.of("");

    record Result(int code, String out, String err) {

        JsonNode json() throws IOException {
            return Json.parse(out.getBytes(StandardCharsets.UTF_8));
        }
    }

    @BeforeEach
    void models() {
        registry = at("experts.json");
        for (String name : List.of("base", "law", "code", "chess")) {
            ModelFiles.random(at(name), TENSORS, name.hashCode());
        }
    }

    @Test
    void whatIsAddedComesBackFromTheFile() throws IOException {
        add("law", "0.9,0.1,-3e-2", "--meta", "trained=2026-11-01", "--meta", "licence=MIT");
        add("code", "-0.2,1,0");
        JsonNode listed =
                weir("experts", "list", "--registry", registry, "--json").json();
        assertThat(listed).isEqualTo(Json.parse(Files.readAllBytes(registry)));
        assertThat(listed.at("/experts").findValuesAsText("name")).containsExactly("code", "law");
        JsonNode law = listed.at("/experts/1");
        assertThat(law.at("/embedding").toString()).isEqualTo("[0.9,0.1,-0.03]");
        assertThat(law.at("/metadata").toString()).isEqualTo("{\"licence\":\"MIT\",\"trained\":\"2026-11-01\"}");
        assertThat(law.at("/file").asText()).as("below the registry").isEqualTo("law");
        assertThat(law.at("/digest").asText()).matches("[0-9a-f]{64}");
        String digest = law.at("/base").asText();
        assertThat(digest)
                .matches("[0-9a-f]{64}")
                .isNotEqualTo(law.at("/digest").asText());
        byte[] before = Files.readAllBytes(registry);
        assertThat(weir(
                                "experts",
                                "add",
                                "--registry",
                                registry,
                                "--name",
                                "law",
                                "--base",
                                digest,
                                "--replace",
                                "--embedding",
                                "0.9,0.1,-0.03",
                                "--meta",
                                "licence=MIT",
                                "--meta",
                                "trained=2026-11-01",
                                at("law"))
                        .code())
                .isZero();
        assertThat(registry).as("the base by its digest").hasBinaryContent(before);
        assertThat(weir("experts", "list", "--registry", registry).out().lines())
                .hasSize(2)
                .last()
                .asString()
                .matches("law +[0-9a-f]{12}  law");
    }

    @Test
    void theNearestExpertComesBackByteForByte() throws IOException {
        addAll();
        Result merged = merge("0.8,0.3", "--json");
        assertThat(merged.err()).isEmpty();
        assertThat(at("out")).hasSameBinaryContentAs(at("law"));
        assertThat(merged.json().at("/experts").findValuesAsText("name")).containsExactly("law");
        assertThat(merged.json().at("/experts/0/score").asDouble()).isCloseTo(0.8 / Math.sqrt(0.73), within(1e-15));
        Files.delete(at("out"));
        assertThat(merge("-1e-200,1e-200", "--softmax").out()).isEqualTo("chess                1.0000\n");
        assertThat(at("out")).as("of weight 1").hasSameBinaryContentAs(at("chess"));
    }

    @Test
    void theMergeOfSeveralIsThatOfWeirMerge() {
        addAll();
        assertThat(merge("0.8,0.3", "--top", "2", "--softmax").out())
                .isEqualTo("law                  0.9363\ncode                 0.3511\n");
        String scores = 0.8 / Math.sqrt(0.73) + "," + 0.3 / Math.sqrt(0.73);
        assertThat(weir(
                                "merge",
                                "--operator",
                                "moerging",
                                "--set",
                                "scores=" + scores,
                                "--set",
                                "top=2",
                                "--set",
                                "softmax=true",
                                "-o",
                                at("expected"),
                                at("law"),
                                at("code"))
                        .err())
                .isEmpty();
        assertThat(at("out")).hasSameBinaryContentAs(at("expected"));
        merge("1,1", "--top", "2");
        weir("merge", "--operator", "uniform-soup", "-o", at("mean"), at("code"), at("law"));
        assertThat(ModelFiles.read(at("out"), "w")).containsExactly(ModelFiles.read(at("mean"), "w"), within(1e-7f));
    }

    @Test
    void aRegistryMovesWithItsModels() throws IOException {
        addAll();
        Path elsewhere = Files.createDirectory(at("elsewhere"));
        for (String name : List.of("experts.json", "law", "code", "chess")) {
            Files.move(at(name), elsewhere.resolve(name));
        }
        registry = elsewhere.resolve("experts.json");
        assertThat(merge("1,0").err()).isEmpty();
        assertThat(at("out")).hasSameBinaryContentAs(elsewhere.resolve("law"));
    }

    @Test
    void anExpertThatIsNoLongerWhatWasAddedIsRefused() {
        addAll();
        ModelFiles.random(at("law.new"), TENSORS, 77);
        at("law").toFile().delete();
        assertThat(at("law.new").toFile().renameTo(at("law").toFile())).isTrue();
        assertThat(merge("1,0").err())
                .startsWith("weir: expert law: " + at("law") + " has digest ")
                .contains("; allowed: that which was added, ")
                .endsWith("; restore the file, or run weir experts add --replace\n");
        assertThat(at("out")).doesNotExist();
        assertThat(merge("0,1").err()).as("another one").isEmpty();
        at("law").toFile().delete();
        assertThat(merge("1,0", "--top", "2").err()).startsWith("weir: experts merge: ");
    }

    @Test
    void expertsOfAnotherBaseOrAnEmbeddingOfAnotherLengthAreRefused() {
        addAll();
        assertThat(addWith("other", "1,0", "--base", at("law")).err())
                .startsWith("weir: experts add: expert other: has base ")
                .contains("; allowed: that of expert chess, ");
        assertThat(addWith("other", "1,0").err())
                .contains("expert other: has base none; allowed: that of expert chess, ");
        assertThat(addWith("other", "1,0,0", "--base", at("base")).err().strip())
                .isEqualTo("weir: experts add: expert other: has an embedding of 3 numbers; allowed: as many as expert"
                        + " chess, 2");
        assertThat(addWith("other", "0,0", "--base", at("base")).err().strip())
                .isEqualTo("weir: experts add: expert: embedding is [0.0, 0.0]; allowed: finite numbers, not all 0");
        assertThat(addWith("law", "1,0", "--base", at("base")).err().strip())
                .isEqualTo("weir: experts add: expert law: is there already; allowed: another name; use --replace");
        assertThat(merge("1,0,0").err().strip())
                .isEqualTo("weir: experts merge: query: [1.0, 0.0, 0.0]; allowed: 2 finite numbers, as the experts'"
                        + " embeddings, not all 0");
        assertThat(merge("0,0").err()).contains("query: [0.0, 0.0]; allowed: 2 finite numbers");
        assertThat(merge("1,0", "--base", at("law")).err()).startsWith("weir: expert law: has base ");
        assertThat(merge("1,0", "--base", at("base")).err()).isEmpty();
        Result wrong = merge("1,x");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err().strip()).isEqualTo("weir: --query: is \"x\"; allowed: a finite number");
        assertThat(merge("1,0", "--top", "0").err())
                .startsWith("weir: --operator: operator moerging: setting top")
                .contains("1 to 1000000");
    }

    @Test
    void aRegistryThatIsNoneIsToldAndAChangeThatFailsLeavesItAsItWas() throws IOException {
        assertThat(merge("1,0").err().strip()).isEqualTo("weir: " + registry + ": no such file; run weir experts add");
        addAll();
        byte[] before = Files.readAllBytes(registry);
        assertThat(addWith("law", "1,0", "--base", at("base")).code()).isEqualTo(1);
        assertThat(registry).hasBinaryContent(before);
        Path lock = at(".experts.json.lock");
        try (FileChannel held = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            held.lock();
            assertThat(addWith("other", "1,0", "--base", at("base")).err().strip())
                    .isEqualTo("weir: " + registry + ": another process changes it; try again when it has");
        }
        assertThat(registry).hasBinaryContent(before);
        for (String[] broken : new String[][] {
            {"{", "is no JSON ("},
            {"{\"formatVersion\": 2}", "registry: formatVersion is 2; allowed: 1"},
            {"{\"formatVersion\": 1}", "registry: has no experts; allowed: one at least; use weir experts add"},
            {
                "{\"formatVersion\": 1, \"experts\": [{\"name\": \"a\", \"digest\": \"b\"}]}",
                "expert: digest is b; allowed: 64 hexadecimal digits"
            },
            {
                new String(before, StandardCharsets.UTF_8).replace("\"code\"", "\"law\""),
                "expert law: is there twice; allowed: names of one expert each"
            }
        }) {
            Files.writeString(registry, broken[0]);
            assertThat(merge("1,0").err()).contains(broken[1]);
        }
    }

    @Test
    void whatAProcessThatWasKilledHasLeftIsWrittenOver() throws IOException {
        Path left = Files.writeString(at("experts.json.new"), "half of what it".repeat(1_000));
        addAll();
        assertThat(left).doesNotExist();
        assertThat(merge("1,0").code()).isZero();
    }

    private void addAll() {
        add("law", "1,0");
        add("code", "0,1");
        add("chess", "-1,1");
    }

    private void add(String name, String embedding, Object... more) {
        Object[] all =
                Stream.concat(Stream.of("--base", at("base")), Stream.of(more)).toArray();
        assertThat(addWith(name, embedding, all).err()).isEmpty();
    }

    private Result addWith(String name, String embedding, Object... more) {
        Path model = Files.exists(at(name)) ? at(name) : at("chess");
        return weir(Stream.of(
                        Stream.of("experts", "add", "--registry", registry, "--name", name, "--embedding", embedding),
                        Stream.of(more),
                        Stream.of(model))
                .flatMap(words -> words)
                .toArray());
    }

    private Result merge(String query, Object... more) {
        return weir(Stream.concat(
                        Stream.of("experts", "merge", "--registry", registry, "--query", query, "-o", at("out")),
                        Stream.of(more))
                .toArray());
    }

    private Path at(String name) {
        return directory.resolve(name);
    }

    private static Result weir(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Result(code, out.toString(), err.toString());
    }
}
