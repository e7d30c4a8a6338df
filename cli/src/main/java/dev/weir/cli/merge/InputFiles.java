package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;

/** The models that are merged: open files of one layout. */
final class InputFiles implements AutoCloseable {
    private final List<SafetensorsFile> files = new ArrayList<>();

    private InputFiles() {}

    /** @throws IllegalArgumentException when a layout differs from the first one's */
    static InputFiles open(List<Path> paths) {
        InputFiles opened = new InputFiles();
        try {
            for (Path path : paths) {
                opened.add(SafetensorsFile.open(path));
            }
            return opened;
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    private void add(SafetensorsFile file) {
        files.add(file);
        file.layout().difference(layout()).ifPresent(difference -> {
            throw new IllegalArgumentException(file.path() + ": " + difference + " (the model is "
                    + files.getFirst().path() + ")");
        });
    }

    List<SafetensorsFile> files() {
        return files;
    }

    SafetensorsFile file(int number) {
        return files.get(number);
    }

    /** What an input says that it descends from. */
    Map<String, String> provenance(int number) {
        Map<String, String> said = Provenance.ofMetadata(file(number).metadata());
        String refusal = Provenance.refusal(said);
        if (!refusal.isEmpty()) {
            throw new IllegalArgumentException(file(number).path() + ": " + refusal);
        }
        return said;
    }

    /** What these inputs say alike of their descent and format, as metadata of what is made of them. */
    SortedMap<String, String> commonMetadata(IntStream numbers) {
        List<Map<String, String>> provenance = new ArrayList<>();
        Set<String> formats = new HashSet<>();
        numbers.forEach(number -> {
            provenance.add(provenance(number));
            formats.add(file(number).format());
        });
        SortedMap<String, String> common = Provenance.toMetadata(Provenance.common(provenance));
        if (formats.size() == 1) {
            common.put(SafetensorsWriter.FORMAT, formats.iterator().next());
        }
        return common;
    }

    int count() {
        return files.size();
    }

    Layout layout() {
        return files.getFirst().layout();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
