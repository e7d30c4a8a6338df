package dev.weir.cli;

/** Library logging: silent unless asked for, because stderr belongs to our own lines. */
final class Logging {

    /** Set on child processes, whose stderr is a log file. */
    private static final String LEVEL = "weir.log";

    private Logging() {}

    /** Must run before any logger is made. */
    static void configure(boolean debug) {
        String prefix = "org.slf4j.simpleLogger.";
        System.setProperty(prefix + "defaultLogLevel", System.getProperty(LEVEL, debug ? "info" : "off"));
        System.setProperty(prefix + "showDateTime", "true");
        System.setProperty(prefix + "dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        System.setProperty(prefix + "showShortLogName", "true");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
    }
}
