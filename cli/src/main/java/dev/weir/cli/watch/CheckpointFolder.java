package dev.weir.cli.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory into which a trainer writes one checkpoint after another. A checkpoint is a {@code *.safetensors} file that is
 * no shard, a {@code *.safetensors.index.json}, or a folder with {@code model.safetensors} or its index. It is taken once it has
 * the mark that is asked for, if any, and looks as it did at the look before: what is renamed into place does so at once.
 */
public final class CheckpointFolder {

    private static final String FILE = ".safetensors";
    private static final String INDEX = ".safetensors.index.json";
    private static final Pattern SHARD = Pattern.compile(".*-[0-9]{5}-of-[0-9]{5}\\.safetensors");
    private static final Pattern TEMPORARY = Pattern.compile("\\..*|te?mp[-_.].*|.*[.](te?mp|part|partial|incomplete)");

    private final Path dir;
    private final StepNames names;
    private final String mark;
    private final boolean settled;
    private final Consumer<Path> gone;
    /** How each one looked at the look before. */
    private Map<Path, String> before = new HashMap<>();

    private final Set<Path> done = new HashSet<>();
    private final Map<Path, String> refused = new HashMap<>();

    /**
     * A directory.
     *
     * @param mark a file that a complete folder holds; empty: none
     * @param settled whether to take only what looks as it did at the look before
     * @param gone told of each one that was there and was deleted before it was done
     */
    public CheckpointFolder(Path dir, StepNames names, String mark, boolean settled, Consumer<Path> gone) {
        this.dir = dir;
        this.names = names;
        this.mark = mark;
        this.settled = settled;
        this.gone = gone;
    }

    /** What may be taken now, ascending by step. */
    public List<Found> look() throws IOException {
        Map<Path, String> now = new HashMap<>();
        List<Found> ready = new ArrayList<>();
        Set<Path> entries;
        try (Stream<Path> list = Files.list(dir)) {
            entries = new HashSet<>(list.toList());
        }
        for (Found found : there(entries)) {
            now.put(found.path(), found.looks());
            boolean unchanged = !settled || found.looks().equals(before.get(found.path()));
            if (unchanged && !found.looks().equals(refused.get(found.path()))) {
                ready.add(found);
            }
        }
        before.keySet().stream()
                .filter(path -> !now.containsKey(path) && !done.contains(path))
                .forEach(gone);
        before = now;
        done.retainAll(entries);
        refused.keySet().retainAll(now.keySet());
        ready.sort(Comparator.comparingLong(Found::step).thenComparing(Found::path));
        return ready;
    }

    /** It is never handed out again. */
    public void done(Found found) {
        done.add(found.path());
    }

    /** It is handed out again when it looks otherwise. */
    public void refused(Found found) {
        refused.put(found.path(), found.looks());
    }

    private List<Found> there(Set<Path> entries) throws IOException {
        List<Found> there = new ArrayList<>();
        for (Path entry : entries) {
            if (!done.contains(entry)) {
                found(entry).ifPresent(there::add);
            }
        }
        return there;
    }

    private Optional<Found> found(Path entry) throws IOException {
        String name = entry.getFileName().toString();
        OptionalLong step = TEMPORARY.matcher(name).matches() ? OptionalLong.empty() : names.step(stem(name));
        if (step.isEmpty()) {
            return Optional.empty();
        }
        try {
            String looks;
            if (Files.isDirectory(entry)) {
                looks = folder(entry);
            } else if (name.endsWith(INDEX)) {
                looks = looks(entry);
            } else {
                looks = name.endsWith(FILE) && !SHARD.matcher(name).matches() ? looks(entry) : "";
            }
            return looks.isEmpty() ? Optional.empty() : Optional.of(new Found(entry, step.getAsLong(), looks));
        } catch (NoSuchFileException goneMeanwhile) {
            return Optional.empty();
        }
    }

    private String folder(Path folder) throws IOException {
        boolean model = Files.exists(folder.resolve("model" + FILE)) || Files.exists(folder.resolve("model" + INDEX));
        if (!model || (!mark.isEmpty() && !Files.exists(folder.resolve(mark)))) {
            return "";
        }
        StringBuilder looks = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file ->
                            file.toString().endsWith(FILE) || file.toString().endsWith(INDEX))
                    .sorted()
                    .toList()) {
                looks.append(file.getFileName()).append(' ').append(looks(file)).append('\n');
            }
        }
        return looks.toString();
    }

    private static String looks(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    }

    private static String stem(String name) {
        for (String suffix : List.of(INDEX, FILE)) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }
}
