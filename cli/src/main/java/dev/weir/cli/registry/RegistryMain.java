package dev.weir.cli.registry;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * Runs the registry's own entry point in this process, and prints one line {@code ready registry=URL} when it answers.
 *
 * <p>Arguments: the URL to wait for, and the class of the entry point.
 */
public final class RegistryMain {

    private static final int POLL_MS = 100;

    private RegistryMain() {}

    public static void main(String[] args) throws ReflectiveOperationException {
        ParentPipe.watchIfChild();
        String url = args[0];
        Thread.ofPlatform().name("ready").daemon().start(() -> announce(url));
        Class.forName(args[1]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }

    private static void announce(String url) {
        try {
            while (!answers(url + "/subjects")) {
                Thread.sleep(POLL_MS);
            }
            System.out.println("ready registry=" + url);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean answers(String url) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection(java.net.Proxy.NO_PROXY);
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }
}
