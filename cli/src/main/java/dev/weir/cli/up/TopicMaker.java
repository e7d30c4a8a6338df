package dev.weir.cli.up;

import org.jspecify.annotations.Nullable;

/** Makes the topics of a model that are not there yet. */
interface TopicMaker {

    /** @param partitions of the model's data topics; null for the catalogue's default */
    void create(String model, @Nullable Integer partitions) throws Exception;
}
