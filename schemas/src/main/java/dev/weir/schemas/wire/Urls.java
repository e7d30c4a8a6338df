package dev.weir.schemas.wire;

import java.util.regex.Pattern;

/** Addresses as people may see them. */
public final class Urls {
    private static final Pattern USER = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://)[^/\\s]*@");

    private Urls() {}

    /**
     * Hides who calls: a registry's address may hold a name and a password.
     *
     * @param text any text
     * @return the same with {@code ***} for the user information of each URL in it
     */
    public static String masked(String text) {
        return USER.matcher(text).replaceAll("$1***@");
    }
}
