package dev.weir.schemas.wire;

import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;

/** How the Avro bytes behind the schema id are read and written. Safe for many threads. */
sealed interface Body permits AvroBody, ChunkBody, KeyframeChunkBody, MergedChunkBody {

    /** Reads one record, up to the cursor's limit exactly. */
    SpecificRecord read(Cursor in);

    /**
     * Frames a record: byte 0, the schema id, its bytes.
     *
     * @param arrays gives an array of so many bytes, whatever is in it; only records with a payload ask for one
     */
    byte[] write(int schemaId, SpecificRecord record, IntFunction<byte[]> arrays);
}
