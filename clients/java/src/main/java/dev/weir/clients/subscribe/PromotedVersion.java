package dev.weir.clients.subscribe;

import dev.weir.schemas.record.Promotion;
import java.nio.file.Path;

/**
 * A baseline that has been pulled.
 *
 * @param promotion the verdict that put it in force, the newest one that did
 * @param path its directory, named by the number of the verdict that put it in service for the first time
 */
public record PromotedVersion(Promotion promotion, Path path) {}
