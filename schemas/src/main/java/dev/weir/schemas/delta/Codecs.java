package dev.weir.schemas.delta;

/** One codec of each encoding. */
final class Codecs implements AutoCloseable {
    private final FullCodec full = new FullCodec();
    private final UnchangedCodec unchanged = new UnchangedCodec();
    private final SparseCodec sparse = new SparseCodec();
    private final PlanesCodec planes = new PlanesCodec();
    private final EntropyCodec entropy = new EntropyCodec();

    Codec of(Encoding encoding) {
        return switch (encoding) {
            case FULL -> full;
            case UNCHANGED -> unchanged;
            case SPARSE -> sparse;
            case PLANES -> planes;
            case ENTROPY -> entropy;
        };
    }

    @Override
    public void close() {
        planes.close();
    }
}
