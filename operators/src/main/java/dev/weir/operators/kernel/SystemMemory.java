package dev.weir.operators.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Fresh memory from the system. On Linux it is mapped, so that it is not resident before it is touched, and for much of it large
 * pages are asked for ({@code madvise(2)}, {@code MADV_HUGEPAGE}): an arena's memory is zeroed as it is allocated, page by small
 * page, before anybody could ask. Other systems have an arena's memory.
 */
@SuppressWarnings("restricted") // All calls are in this file, with the lengths that were mapped.
final class SystemMemory {
    private static final long LARGE_PAGE = 2L << 20;
    /** From here on what is lost to alignment is address space only, and little of it. */
    private static final long LARGE = 4 * LARGE_PAGE;

    private static final int READ_WRITE = 0x3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int HUGE_PAGES = 14;
    private static final long FAILED = -1;

    private static final @Nullable Calls CALLS = calls();

    private record Calls(MethodHandle map, MethodHandle advise, MethodHandle unmap) {}

    private SystemMemory() {}

    /**
     * Zeros, at the start of a page.
     *
     * @param largePages whether to ask for them, where it is large enough
     * @param arena when it is closed, they are given back
     * @throws OutOfMemoryError when the system has none
     */
    static MemorySegment allocate(long byteSize, boolean largePages, Arena arena) {
        Calls calls = CALLS;
        return calls == null
                ? arena.allocate(byteSize, 4096)
                : map(calls, byteSize, largePages && byteSize >= LARGE, arena);
    }

    private static MemorySegment map(Calls calls, long byteSize, boolean large, Arena arena) {
        long mapped = large ? byteSize + LARGE_PAGE : byteSize;
        try {
            MemorySegment start = (MemorySegment)
                    calls.map.invokeExact(MemorySegment.NULL, mapped, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (start.address() == FAILED) {
                throw new OutOfMemoryError("the system gives no " + mapped + " bytes off the heap");
            }
            MemorySegment all = start.reinterpret(mapped, arena, pages -> unmap(calls, pages, mapped));
            if (!large) {
                return all;
            }
            MemorySegment aligned = all.asSlice(-start.address() & (LARGE_PAGE - 1), byteSize);
            // A system without large pages says no, and gives small ones.
            int ignored = (int) calls.advise.invokeExact(aligned, byteSize, HUGE_PAGES);
            return aligned;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new IllegalStateException("a call of the C library that declares nothing has thrown", impossible);
        }
    }

    private static void unmap(Calls calls, MemorySegment pages, long byteSize) {
        try {
            int ignored = (int) calls.unmap.invokeExact(pages, byteSize);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new IllegalStateException("a call of the C library that declares nothing has thrown", impossible);
        }
    }

    /** Null where the numbers above are not those of the system. */
    private static @Nullable Calls calls() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = linker.defaultLookup();
        FunctionDescriptor map = FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG);
        FunctionDescriptor advise = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
        FunctionDescriptor unmap =
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        return new Calls(
                linker.downcallHandle(library.findOrThrow("mmap"), map),
                linker.downcallHandle(library.findOrThrow("madvise"), advise),
                linker.downcallHandle(library.findOrThrow("munmap"), unmap));
    }
}
