package dev.weir.topology.merge;

import java.util.SortedSet;
import org.apache.kafka.common.header.Headers;

/** Records of the fold's own partition once more, by offset. */
interface Refetch extends AutoCloseable {
    /** Has nothing. */
    Refetch NONE = new Refetch() {
        @Override
        public void read(SortedSet<Long> offsets, Reader reader) {
            throw new IllegalStateException("nothing can be read again here");
        }

        @Override
        public void close() {}
    };

    /** Takes a record. */
    interface Reader {
        void read(long offset, byte[] value, Headers headers);
    }

    /**
     * Reads the records at these offsets, in order.
     *
     * @throws dev.weir.topology.store.FoldException when one cannot be had any more
     */
    void read(SortedSet<Long> offsets, Reader reader);

    @Override
    void close();
}
