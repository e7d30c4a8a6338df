package dev.weir.it.fault;

/** One thing that goes wrong. */
sealed interface Fault {

    /** What kind of fault it is, in words, for the report. */
    String kind();

    /** Which application of a model. */
    enum Role {
        MERGE,
        COORDINATE;

        String lowerCase() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** What becomes of an instance that was killed. */
    enum After {
        /** It is started again at once. */
        RESTART,
        /** Its state directory is deleted and it is started again at once. */
        WIPE,
        /** It is started again when the other instances have taken its partitions over. */
        TAKEOVER,
        /** As before, with its state directory deleted. */
        WIPE_TAKEOVER;

        boolean wipes() {
            return this == WIPE || this == WIPE_TAKEOVER;
        }

        boolean takesOver() {
            return this == TAKEOVER || this == WIPE_TAKEOVER;
        }
    }

    /** {@code kill -9} from outside, whatever it is doing. */
    record Kill(Role role, After after) implements Fault {
        @Override
        public String kind() {
            return "kill -9 at random";
        }
    }

    /** {@code kill -9} at the n-th pass of a point. */
    record KillAt(Role role, Point point, int pass, After after) implements Fault {
        @Override
        public String kind() {
            return "kill -9 " + (point == Point.INIT_COORDINATE ? Point.INIT : point).words();
        }
    }

    /** A broker is stopped, hard or in peace, and started again. */
    record Bounce(int broker, boolean hard) implements Fault {
        @Override
        public String kind() {
            return hard ? "broker killed" : "broker restarted";
        }
    }

    /** SIGSTOP, longer than the session timeout. */
    record Pause(Role role) implements Fault {
        @Override
        public String kind() {
            return "SIGSTOP";
        }
    }

    /** A newer publisher of a run begins while the older one still has something to send. */
    record Fence(int run) implements Fault {
        @Override
        public String kind() {
            return "fenced trainer";
        }
    }
}
