package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.store.FoldException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Keyframes that are another's, damaged or not whole are refused by name, and with what to do. */
final class KeyframeReaderTest {
    private static final String APPLICATION = Keyframes.APPLICATION;

    private final RecordCodec codec =
            Registry.connect("mock://keyframe-reader", Map.of()).codec();
    private final Keyframes keyframes = new Keyframes(codec);

    @Test
    void aKeyframeOfAnotherApplicationIsRefused() {
        Said said = written();
        assertThatThrownBy(() -> keyframes.reader(said, "weir-other-merge", 1).read(0))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("is of application weir-m-merge; allowed: weir-other-merge");
    }

    @Test
    void aKeyframeWithoutAGroupOffsetBesideItIsRefused() {
        Said said = written();
        assertThatThrownBy(() -> keyframes.reader(said, APPLICATION, -1).read(0))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("group weir-m-merge has no committed offset, but m.keyframes-0 has its keyframe");
    }

    @Test
    void aDamagedKeyframeIsRefusedByChannelAndChunk() {
        Said said = written();
        for (int i = 0; i < said.keyframes.size(); i++) {
            Said.Pair pair = said.keyframes.get(i);
            if (pair.value() != null && codec.read(pair.value()) instanceof KeyframeChunk chunk) {
                ByteBuffer payload = chunk.getPayload();
                payload.put(payload.position(), (byte) (payload.get(payload.position()) ^ 1));
                said.keyframes.set(i, new Said.Pair(pair.key(), codec.write(chunk)));
            }
        }
        assertThatThrownBy(() -> keyframes.reader(said, APPLICATION, 1).read(0))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("the keyframe of channel ")
                .hasMessageContaining("CRC-32C");
    }

    @Test
    void aKeyframeOfWhichAPartIsMissingIsRefused() {
        Said said = new Said(codec);
        try (PartitionFold fold = keyframes.fold(null, new KeyframePolicy(APPLICATION, 1, 0, 8))) {
            Keyframes.feed(fold, RandomLog.of(codec, new SplittableRandom(1), 150), 0, said);
        }
        said.keyframes.removeIf(pair ->
                !isHead(pair) && codec.read(pair.key(), KeyframeKey.class).getPart() == 1);
        assertThatThrownBy(() -> keyframes.reader(said, APPLICATION, 1).read(0))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("parts of the keyframe of channel ")
                .hasMessageContaining("are missing; bring the topic back from a replica");
    }

    @Test
    void aHeadOfWhichAPartIsMissingIsRefused() {
        Said said = new Said(codec);
        try (PartitionFold fold = keyframes.fold(null, new KeyframePolicy(APPLICATION, 1, 0, 8))) {
            Keyframes.feed(fold, RandomLog.of(codec, new SplittableRandom(1), 150), 0, said);
        }
        KeyframeHead whole = Objects.requireNonNull(
                        keyframes.reader(said, APPLICATION, 1).read(0), "a keyframe")
                .head();
        assertThat(whole.getParts()).as("parts of the head").isGreaterThan(2);
        said.keyframes.removeIf(pair ->
                isHead(pair) && codec.read(pair.key(), KeyframeKey.class).getPart() == 1);
        assertThatThrownBy(() -> keyframes.reader(said, APPLICATION, 1).read(0))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("part 2 of " + whole.getParts() + " of the keyframe's head of decision "
                        + whole.getSeq() + " is missing; bring the topic back from a replica");
    }

    private boolean isHead(Said.Pair pair) {
        return codec.read(pair.key(), KeyframeKey.class).getChannel().isEmpty();
    }

    private Said written() {
        Said said = new Said(codec);
        try (PartitionFold fold = keyframes.fold(null, new KeyframePolicy(APPLICATION, 1, 0, 1 << 20))) {
            Keyframes.feed(fold, RandomLog.of(codec, new SplittableRandom(1), 150), 0, said);
        }
        return said;
    }
}
