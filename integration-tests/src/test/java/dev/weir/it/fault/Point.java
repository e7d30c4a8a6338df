package dev.weir.it.fault;

/** A named point of an application at which it may be killed: a method, and whether before or after it. */
enum Point {
    BEFORE_SEND("org/apache/kafka/clients/producer/KafkaProducer", "send", 2, false),
    AFTER_SEND("org/apache/kafka/clients/producer/KafkaProducer", "send", 2, true),
    BEFORE_COMMIT("org/apache/kafka/clients/producer/KafkaProducer", "commitTransaction", 0, false),
    AFTER_COMMIT("org/apache/kafka/clients/producer/KafkaProducer", "commitTransaction", 0, true),
    /** A merge task opens its fold. */
    INIT("dev/weir/topology/merge/PartitionFolds", "apply", 1, false),
    /** The coordinator opens its state. */
    INIT_COORDINATE("dev/weir/topology/coordinate/CoordinateProcessor", "init", 1, false),
    /** A record is folded again. */
    RESTORE("dev/weir/topology/store/Folds", "foldedAgain", 0, true),
    /** An average of a keyframe has been handed to the producer. */
    KEYFRAME("dev/weir/topology/merge/KeyframeWriter", "write", 3, true);

    private final String type;
    private final String method;
    private final int parameters;
    private final boolean after;

    Point(String type, String method, int parameters, boolean after) {
        this.type = type;
        this.method = method;
        this.parameters = parameters;
        this.after = after;
    }

    boolean after() {
        return after;
    }

    boolean isIn(String internalName) {
        return type.equals(internalName);
    }

    boolean is(String name, int parameterCount) {
        return method.equals(name) && parameters == parameterCount;
    }

    /** Whether it is passed while records flow; the others, while a process starts. */
    boolean atWork() {
        return this != INIT && this != INIT_COORDINATE && this != RESTORE;
    }

    String words() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
