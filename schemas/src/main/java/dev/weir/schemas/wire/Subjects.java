package dev.weir.schemas.wire;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.Schema;

/** The registry's subjects, one a record type. Every step may be done by several processes at once. */
final class Subjects {
    private static final String COMPATIBILITY = "FULL_TRANSITIVE";
    private static final int NOT_FOUND = 404;

    private final String url;
    private final SchemaRegistryClient client;

    Subjects(String url, SchemaRegistryClient client) {
        this.url = url;
        this.client = client;
    }

    /** The id of a schema that is registered already. */
    int require(RecordType type) {
        return find(type)
                .orElseThrow(() -> RegistryException.refused(
                        "subject " + type.name() + ": this build's schema is not registered at " + url
                                + "; allowed: registered schemas, because this connection registers none"
                                + "; next: start a part of Weir of this build that may register, then try again",
                        null));
    }

    /** The id of a schema, which is registered first where that has not happened. */
    int register(RecordType type) {
        OptionalInt known = find(type);
        return known.isPresent() ? known.getAsInt() : registerNew(type);
    }

    private OptionalInt find(RecordType type) {
        try {
            return OptionalInt.of(lookUp(type));
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return OptionalInt.empty();
            }
            throw failed("subject " + type.name(), e);
        } catch (IOException e) {
            throw failed("subject " + type.name(), e);
        }
    }

    /** Twice where no answer comes in time: a question changes nothing, and a busy registry's answer may be under way. */
    private int lookUp(RecordType type) throws IOException, RestClientException {
        try {
            return client.getId(type.name(), new AvroSchema(type.published()));
        } catch (SocketTimeoutException late) {
            return client.getId(type.name(), new AvroSchema(type.published()));
        }
    }

    private int registerNew(RecordType type) {
        String subject = type.name();
        try {
            List<Integer> versions = versions(subject);
            for (int version : versions) {
                refuseIncompatible(type, version);
            }
            boolean guarded = !versions.isEmpty() || guard(subject);
            int id = registerOnce(type);
            if (!guarded && !guard(subject)) {
                throw RegistryException.unavailable(
                        "subject " + subject + ": registry " + url + " forgot it while its compatibility was set",
                        null);
            }
            return id;
        } catch (RestClientException | IOException e) {
            throw failed("subject " + subject, e);
        }
    }

    /** Registers a schema; where another process was faster and this one is turned away, its id. */
    private int registerOnce(RecordType type) throws IOException, RestClientException {
        try {
            return client.register(type.name(), new AvroSchema(type.published()));
        } catch (RestClientException e) {
            OptionalInt known = find(type);
            if (known.isPresent()) {
                return known.getAsInt();
            }
            throw e;
        }
    }

    private List<Integer> versions(String subject) throws IOException, RestClientException {
        try {
            return client.getAllVersions(subject);
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    /** Sets a new subject's compatibility; false where the registry wants the subject to exist first. */
    private boolean guard(String subject) throws IOException, RestClientException {
        try {
            client.updateCompatibility(subject, COMPATIBILITY);
            return true;
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return false;
            }
            // Another process may set the same at the same instant; a registry may answer one of the two with an error.
            if (COMPATIBILITY.equals(client.getCompatibility(subject))) {
                return true;
            }
            throw e;
        }
    }

    private void refuseIncompatible(RecordType type, int version) throws IOException, RestClientException {
        String text = client.getSchemaMetadata(type.name(), version).getSchema();
        Schema registered = new Schema.Parser().parse(text);
        Optional<String> field = Incompatibilities.between(type.published(), registered)
                .or(() -> Incompatibilities.between(registered, type.published()));
        if (field.isPresent()) {
            throw RegistryException.refused(
                    "subject " + type.name() + ": " + field.get() + " against version " + version + " at " + url
                            + "; allowed: " + COMPATIBILITY + " changes"
                            + "; next: use the build of Weir that registered it, or give a field that is new or gone a"
                            + " default",
                    null);
        }
    }

    RegistryException failed(String object, Exception e) {
        String next = "; next: check the registry and its address, then try again";
        if (!(e instanceof RestClientException)) {
            return RegistryException.unavailable(object + ": registry " + url + " does not answer: " + e + next, e);
        }
        int status = ((RestClientException) e).getStatus();
        String message = object + ": registry " + url + " answered " + e.getMessage();
        return status >= 500 || status == 429 || status == 408
                ? RegistryException.unavailable(message + next, e)
                : RegistryException.refused(
                        message + "; allowed: " + COMPATIBILITY + " changes by a client that may register"
                                + "; next: check the subject and the client's credentials",
                        e);
    }
}
