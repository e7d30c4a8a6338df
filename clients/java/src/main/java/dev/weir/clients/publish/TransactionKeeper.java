package dev.weir.clients.publish;

/** Ends transactions that have become too old while their publisher waits for its source of weights. */
final class TransactionKeeper implements AutoCloseable {

    private static final long LOOK_MS = 1_000;

    private final Thread thread;

    TransactionKeeper(Transactions transactions, String run) {
        thread = new Thread(() -> keep(transactions), "weir-publisher-" + run);
        thread.setDaemon(true);
        thread.start();
    }

    private static void keep(Transactions transactions) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(LOOK_MS);
                transactions.endOld();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
