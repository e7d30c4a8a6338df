package dev.weir.cli.demo;

import java.util.List;

/**
 * Shows a screen in place of the one before, on any terminal that knows ANSI escapes: what was above stays, long lines
 * are cut off by the terminal. Not thread-safe.
 */
final class Redraw {

    private static final String ESC = "\u001b[";
    private static final String NO_WRAP = ESC + "?7l";
    private static final String WRAP = ESC + "?7h";
    private static final String CLEAR_LINE = ESC + "2K";
    private static final String CLEAR_BELOW = ESC + "J";

    private int shown;

    /** What to print so that the terminal shows these lines. */
    String next(List<String> lines) {
        StringBuilder out = new StringBuilder(NO_WRAP).append('\r');
        if (shown > 0) {
            out.append(ESC).append(shown).append('A');
        }
        for (String line : lines) {
            out.append(CLEAR_LINE).append(line).append('\n');
        }
        shown = lines.size();
        return out.append(CLEAR_BELOW).append(WRAP).toString();
    }
}
