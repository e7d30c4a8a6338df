package dev.weir.cli.merge;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;

/** The chunks of a layout, and the pieces of which each consists. */
final class Pieces {
    private final Layout chunks;
    private final Layout pieces;
    /** Number of the first piece of each chunk, and behind the last the number of pieces. */
    private final int[] first;

    /** @param pieceElements a whole number of which is a chunk of full size */
    Pieces(List<TensorSpec> tensors, int pieceElements) {
        this.chunks = Layout.of(tensors);
        this.pieces = Layout.of(tensors, pieceElements);
        this.first = new int[chunks.chunkCount() + 1];
        for (int number = 0; number < chunks.chunkCount(); number++) {
            int perPiece = pieces.chunk(first[number]).elements();
            first[number + 1] =
                    first[number] + Math.ceilDiv(chunks.chunk(number).elements(), perPiece);
        }
    }

    /** The layout in chunks. */
    Layout chunks() {
        return chunks;
    }

    /** The layout in pieces. */
    Layout pieces() {
        return pieces;
    }

    /** The pieces of a chunk, in order. */
    List<ChunkSpec> of(int chunk) {
        return IntStream.range(first[chunk], first[chunk + 1])
                .mapToObj(pieces::chunk)
                .toList();
    }
}
