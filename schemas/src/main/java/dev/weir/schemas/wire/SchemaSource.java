package dev.weir.schemas.wire;

import org.apache.avro.Schema;

/** Where the schema behind an id comes from. */
@FunctionalInterface
interface SchemaSource {

    /**
     * Looks an id up.
     *
     * @throws BadRecordException if no Avro schema has that id
     * @throws RegistryException if the registry does not answer
     */
    Schema byId(int schemaId);
}
