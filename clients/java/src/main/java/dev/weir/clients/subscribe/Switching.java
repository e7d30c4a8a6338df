package dev.weir.clients.subscribe;

/** Whether a pull may move {@code current} to an older version. */
public enum Switching {
    /** {@code current} stays where it is if that is a newer version. */
    FORWARD_ONLY,
    /** {@code current} names the pulled version afterwards. */
    TO_THIS
}
