package dev.weir.schemas.safetensors;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The header of one file.
 *
 * @param entries its tensors in order of their bytes
 * @param metadata its {@code __metadata__}
 * @param dataStart byte of the file at which the data section starts
 */
record Header(List<Entry> entries, Map<String, String> metadata, long dataStart) {

    /** Checks that the tensors cover the data section, of that many bytes, without overlap or hole. */
    static Header checked(
            Path file, List<Entry> entries, Map<String, String> metadata, long dataStart, long dataBytes) {
        List<Entry> sorted = entries.stream()
                .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList();
        long position = 0;
        for (Entry entry : sorted) {
            checkRange(file, entry, dataBytes);
            if (entry.begin() != position) {
                String problem = entry.begin() < position
                        ? "overlaps the tensor before it, which ends at " + position
                        : "leaves a hole in the data section, the tensor before it ends at " + position;
                throw new SafetensorsException(
                        file,
                        entry.spec().name(),
                        dataStart + entry.begin(),
                        "data_offsets " + offsets(entry) + " " + problem);
            }
            position = entry.end();
        }
        if (position != dataBytes) {
            throw new SafetensorsException(
                    file,
                    null,
                    dataStart + position,
                    "a hole in the data section: the last tensor ends here, " + (dataBytes - position)
                            + " bytes before the file");
        }
        return new Header(sorted, Map.copyOf(metadata), dataStart);
    }

    private static void checkRange(Path file, Entry entry, long dataBytes) {
        if (entry.begin() > entry.end() || entry.end() > dataBytes) {
            throw new SafetensorsException(
                    file,
                    entry.spec().name(),
                    entry.headerOffset(),
                    "data_offsets " + offsets(entry) + " are out of range, the data section has " + dataBytes
                            + " bytes");
        }
        long size = entry.end() - entry.begin();
        if (size != entry.spec().byteSize()) {
            throw new SafetensorsException(
                    file,
                    entry.spec().name(),
                    entry.headerOffset(),
                    "data_offsets " + offsets(entry) + " hold " + size + " bytes, shape "
                            + entry.spec().shape() + " of " + entry.spec().dtype() + " needs "
                            + entry.spec().byteSize());
        }
    }

    private static String offsets(Entry entry) {
        return "[" + entry.begin() + ", " + entry.end() + "]";
    }
}
