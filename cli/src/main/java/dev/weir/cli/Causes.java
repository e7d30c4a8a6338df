package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;

/** Why something failed, in words: what our own exceptions say, for others what their innermost cause says. */
public final class Causes {

    private Causes() {}

    /** The words alone. */
    public static String reason(Throwable failure) {
        return own(failure).orElseGet(() -> words(root(failure)));
    }

    /** The same, with the name of an exception that is not ours. */
    static String described(Throwable failure) {
        return own(failure).orElseGet(() -> named(root(failure)));
    }

    /** What the outermost exception says that was made to be read, with the cause behind it unless that is in it. */
    private static Optional<String> own(Throwable failure) {
        Throwable root = root(failure);
        return chain(failure).stream().filter(Causes::isOurs).findFirst().map(ours -> {
            String text = words(ours);
            return text.contains(words(root)) ? text : text + " (" + named(root) + ")";
        });
    }

    /** Kafka's plain exception is what its clients and ours wrap others in, with a sentence. */
    private static boolean isOurs(Throwable one) {
        Throwable cause = one.getCause();
        return (one.getClass().getName().startsWith("dev.weir.") || one.getClass() == KafkaException.class)
                && one.getMessage() != null
                && (cause == null || !one.getMessage().equals(cause.toString()));
    }

    private static Throwable root(Throwable failure) {
        return chain(failure).getLast();
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>(List.of(failure));
        for (Throwable at = failure.getCause(); at != null && !chain.contains(at); at = at.getCause()) {
            chain.add(at);
        }
        return chain;
    }

    private static String words(Throwable one) {
        return one.getMessage() == null ? one.getClass().getSimpleName() : one.getMessage();
    }

    private static String named(Throwable one) {
        String name = one.getClass().getSimpleName();
        return one.getMessage() == null ? name : name + ": " + one.getMessage();
    }
}
