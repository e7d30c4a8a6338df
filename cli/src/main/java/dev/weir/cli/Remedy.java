package dev.weir.cli;

import dev.weir.topology.store.FoldException;
import java.util.Optional;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;

/** What to do about an application that ended by itself, by the class of its failure. */
public final class Remedy {

    private Remedy() {}

    /**
     * The next step.
     *
     * @param model whose application it was
     */
    public static String of(Throwable failure, String model) {
        if (first(failure, OutOfMemoryError.class).isPresent()) {
            return "give it more memory (WEIR_JVM_OPTIONS), more instances or fewer channels";
        }
        if (first(failure, AuthenticationException.class).isPresent()
                || first(failure, AuthorizationException.class).isPresent()) {
            return "check SASL and TLS, and grant what docs/rights.md says";
        }
        if (first(failure, TimeoutException.class).isPresent()) {
            return "see whether the brokers are well, and start it again";
        }
        if (Causes.reason(failure).contains("was expected and sound")) {
            return "check the brokers' disks; bring the topic back from a replica or a backup, and start it again";
        }
        Optional<FoldException> fold = first(failure, FoldException.class);
        if (fold.isEmpty()) {
            return "start it again; if that ends the same, report it with its log";
        }
        return fold.get().remedy().isEmpty()
                ? "`weir replay --model " + model + " --verify` says whether the log can be folded; report what it says"
                : "start it again then";
    }

    private static <T extends Throwable> Optional<T> first(Throwable failure, Class<T> type) {
        Throwable at = failure;
        for (int depth = 0; at != null && depth < 50; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }
}
