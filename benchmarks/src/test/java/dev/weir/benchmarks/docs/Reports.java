package dev.weir.benchmarks.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The reports of docs/bench by the names of their files, as {@code make bench-reports} left them. */
record Reports(SortedMap<String, JsonNode> byName) {
    static final Path DOCS = Path.of(System.getProperty("weir.root", ".."), "docs");

    static Reports read() throws IOException {
        SortedMap<String, JsonNode> reports = new TreeMap<>();
        ObjectMapper mapper = new ObjectMapper();
        try (Stream<Path> files = Files.list(DOCS.resolve("bench"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".json")).toList()) {
                reports.put(
                        file.getFileName().toString().replace(".json", ""), mapper.readTree(Files.readAllBytes(file)));
            }
        }
        return new Reports(reports);
    }

    /** Parts of a report. */
    JsonNode parts(String name) {
        return report(name).path("parts");
    }

    JsonNode report(String name) {
        JsonNode report = byName.get(name);
        if (report == null) {
            throw new IllegalStateException(
                    "docs/bench/" + name + ".json is not there; write it with: make bench-reports");
        }
        return report;
    }

    /** A number in the parts of a report, by a JSON pointer; the median where it is a spread. */
    double number(String name, String pointer) {
        JsonNode node = parts(name).at(pointer);
        JsonNode number = node.has("median") ? node.path("median") : node;
        if (!number.isNumber()) {
            throw new IllegalStateException("docs/bench/" + name + ".json has no number at " + pointer);
        }
        return number.asDouble();
    }

    /** When, where and how it was measured, in a line. */
    String measured(String name) {
        JsonNode run = parts(name).path("run");
        if (run.isMissingNode()) {
            return "`docs/bench/" + name + ".json`, made before reports said where and when.";
        }
        return String.format(
                Locale.ROOT,
                "`docs/bench/%s.json`, %s, %d processors, load %.1f at its start, JDK %s, %.0f s%s.",
                name,
                run.path("began").asText(),
                run.path("processors").asInt(),
                run.path("loadAverage").asDouble(),
                run.path("java").asText(),
                run.path("seconds").asDouble(),
                run.path("quick").asBoolean() ? ", **`--quick`: rough**" : "");
    }
}
