package dev.weir.cli.job;

import dev.weir.cli.UsageException;
import dev.weir.clients.publish.RunName;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an input comes from: the versions of a channel that the checkpoints of one run made, or one version for all rounds.
 *
 * @param channel which channel of which model
 * @param run the run; empty where it is one version
 * @param version the version, from 1; 0 where it is a run's
 */
public record Source(Channel channel, String run, long version) {

    private static final Pattern FORM = Pattern.compile("([^/@:]+)/([^/@:]+)(?:@([^/@:]+)|:([1-9][0-9]{0,17}))");

    /** A channel of a model. */
    public record Channel(String model, String name) {
        @Override
        public String toString() {
            return model + "/" + name;
        }
    }

    /**
     * Reads {@code MODEL/CHANNEL@RUN} or {@code MODEL/CHANNEL:VERSION}.
     *
     * @param option where it stands
     * @throws UsageException for anything else
     */
    public static Source of(String option, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new UsageException(
                    option,
                    "is " + text,
                    "allowed: MODEL/CHANNEL@RUN for the versions that a run's checkpoints made, or"
                            + " MODEL/CHANNEL:VERSION for one version in every round",
                    "see weir job --help");
        }
        Channel channel = new Channel(form.group(1), form.group(2));
        if (form.group(3) == null) {
            return new Source(channel, "", Long.parseLong(form.group(4)));
        }
        RunName.check(form.group(3));
        return new Source(channel, form.group(3), 0);
    }

    /** Whether it is the same version in every round. */
    public boolean fixed() {
        return version > 0;
    }

    @Override
    public String toString() {
        return channel + (fixed() ? ":" + version : "@" + run);
    }
}
