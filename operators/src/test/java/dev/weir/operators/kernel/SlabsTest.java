package dev.weir.operators.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Memory that is cut from slabs. */
final class SlabsTest {
    private static final int CHUNK_BYTES = 983_056;
    private static final int CHUNKS = 200;

    @Test
    void piecesAreZerosAlignedAndApart() {
        try (Slabs slabs = new Slabs()) {
            List<MemorySegment> pieces = new ArrayList<>();
            for (int number = 0; number < CHUNKS; number++) {
                MemorySegment piece = slabs.allocate(CHUNK_BYTES, 64);
                assertThat(piece.byteSize()).isEqualTo(CHUNK_BYTES);
                assertThat(piece.address() % 64).isZero();
                for (long at = 0; at < CHUNK_BYTES; at += Long.BYTES) {
                    assertThat(piece.get(ValueLayout.JAVA_LONG, at) == 0)
                            .as("zero at %d", at)
                            .isTrue();
                }
                piece.fill((byte) number);
                pieces.add(piece);
            }
            for (int number = 0; number < CHUNKS; number++) {
                MemorySegment same =
                        MemorySegment.ofArray(new byte[CHUNK_BYTES]).fill((byte) number);
                assertThat(pieces.get(number).mismatch(same)).isEqualTo(-1);
            }
        }
    }

    @Test
    void aPieceMayBeLargerThanAnySlab() {
        try (Slabs slabs = new Slabs()) {
            MemorySegment large = slabs.allocate(100L << 20, 64);
            large.set(ValueLayout.JAVA_BYTE, large.byteSize() - 1, (byte) 1);
            assertThat(slabs.allocate(1, 64).get(ValueLayout.JAVA_BYTE, 0)).isZero();
        }
    }

    @Test
    void whatIsGivenBackCannotBeReached() {
        MemorySegment piece;
        try (Slabs slabs = new Slabs()) {
            piece = slabs.allocate(16L << 20, 64);
        }
        assertThatIllegalStateException().isThrownBy(() -> piece.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void largePagesAreAskedFor() throws IOException {
        assumeTrue(Files.exists(Path.of("/sys/kernel/mm/transparent_hugepage")), "a kernel with large pages");
        try (Slabs slabs = new Slabs()) {
            long address = slabs.allocate(16L << 20, 64).address();
            assertThat(address % (2L << 20)).isZero();
            assertThat(flags(address)).contains("hg");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsNotTouchedIsNotResident() throws IOException {
        try (Slabs slabs = new Slabs()) {
            long before = residentBytes();
            slabs.allocate(256L << 20, 64);
            assertThat(residentBytes() - before).isLessThan(128L << 20);
        }
    }

    private static long residentBytes() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
        return 4096 * Long.parseLong(pages);
    }

    /** Flags of the mapping that has an address, as the system lists them. */
    private static List<String> flags(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String[] words = line.split("\\s+");
            String[] range = words[0].split("-");
            if (range.length == 2) {
                inside = Long.parseUnsignedLong(range[0], 16) <= address
                        && address < Long.parseUnsignedLong(range[1], 16);
            } else if (inside && words[0].equals("VmFlags:")) {
                return List.of(words);
            }
        }
        throw new AssertionError("no mapping has address " + Long.toHexString(address));
    }
}
