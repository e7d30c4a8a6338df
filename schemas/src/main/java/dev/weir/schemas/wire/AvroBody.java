package dev.weir.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Any record, by Avro's own readers and writers; the writer's schema may differ from ours. */
final class AvroBody implements Body {
    private static final int KEPT_BYTES = 64 * 1024;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final Schema writer;
    private final DatumReader<SpecificRecord> datumReader;
    private final DatumWriter<SpecificRecord> datumWriter;

    AvroBody(Schema writer, Schema schema) {
        this.writer = writer;
        this.datumReader = new SpecificDatumReader<>(writer, schema, RecordModel.INSTANCE);
        this.datumWriter = new SpecificDatumWriter<>(schema, RecordModel.INSTANCE);
    }

    @Override
    public SpecificRecord read(Cursor in) {
        int from = in.at();
        int length = in.remaining();
        Structure.check(writer, in);
        Scratch scratch = SCRATCH.get();
        try {
            scratch.decoder = DecoderFactory.get().binaryDecoder(in.bytes(), from, length, scratch.decoder);
            return datumReader.read(null, scratch.decoder);
        } catch (IOException | RuntimeException e) {
            throw new BadRecordException(
                    BadRecordException.FOREIGN_RECORD,
                    writer.getName() + ": its writer's schema does not become ours: " + e.getMessage()
                            + "; next: upgrade Weir, or repair the program that wrote it");
        }
    }

    @Override
    public byte[] write(int schemaId, SpecificRecord record, IntFunction<byte[]> arrays) {
        Scratch scratch = SCRATCH.get();
        ByteArrayOutputStream out = scratch.out;
        out.reset();
        for (int shift = 32; shift >= 0; shift -= 8) {
            out.write(shift == 32 ? 0 : schemaId >>> shift);
        }
        try {
            datumWriter.write(record, scratch.encoder);
            scratch.encoder.flush();
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    writer.getFullName() + ": cannot be written: " + e.getMessage() + "; next: fill every field", e);
        }
        byte[] bytes = out.toByteArray();
        if (bytes.length > KEPT_BYTES) {
            SCRATCH.remove();
        }
        return bytes;
    }

    /** What a thread uses again for every record. */
    private static final class Scratch {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        private BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(new byte[0], null);
    }
}
