package dev.weir.topology;

import dev.weir.schemas.record.ChannelUpdate;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The versions that go when an update emits. */
public final class RetiredVersions {
    private RetiredVersions() {}

    /** In the order of the record; empty: none. */
    public static List<Long> of(ChannelUpdate update) {
        return Stream.concat(
                        LongStream.of(update.getRetire())
                                .filter(version -> version > 0)
                                .boxed(),
                        update.getAlsoRetire().stream())
                .toList();
    }
}
