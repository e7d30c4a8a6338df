package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.benchmarks.RecoveryKills.After;
import dev.weir.benchmarks.RecoveryKills.Recovery;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.LocalWeir;
import dev.weir.schemas.wire.Registry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.admin.Admin;

/**
 * What a restart of merge costs: the rates at which it loads its keyframe and folds its log, against plain consumers that
 * checksum the same records, and the time from {@code kill -9} to the first record that is folded and that is seen.
 */
public final class RecoveryBench implements Bench {
    private static final String LOAD = "keyframe load over consumers";
    private static final double RATE_GOAL = 0.7;
    private static final int ALLOWANCE_MS = 5_000;

    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public String about() {
        return "a restart with 2 GB of state: rates against plain consumers, times from kill -9 against the session";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        int chunks = settings.quick() ? 68 : 2048;
        int sessionTimeoutMs = settings.quick() ? 3_000 : 10_000;
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"));
                Registry registry = Registry.connect(weir.connection().registry(), Map.of());
                Admin admin = Admin.create(
                        Map.of("bootstrap.servers", weir.connection().bootstrap()))) {
            RecoveryModel model = new RecoveryModel(weir.connection(), settings.scratch(), chunks, sessionTimeoutMs);
            model.fill();
            settings.progress().accept("made a state of " + model.stateBytes() + " bytes");
            ObjectNode parts = parts(model);
            List<Goal> goals =
                    new ArrayList<>(rates(new RecoveryRates(model, registry.codec(), admin), 5, settings, parts));
            try (ApplicationProcess coordinate = model.coordinate();
                    RecoveryProbe probe = new RecoveryProbe(
                            model.connection(), RecoveryModel.NAME, RecoveryModel.PARTITIONS, registry.codec());
                    RecoveryKills kills = new RecoveryKills(model, probe, admin)) {
                coordinate.awaitRunning(RecoveryModel.PATIENCE);
                goals.addAll(kills(kills, settings.quick() ? 1 : 5, sessionTimeoutMs, settings, parts));
            }
            return new BenchReport(goals, 5, parts);
        }
    }

    private static List<Goal> rates(RecoveryRates rates, int rounds, BenchSettings settings, ObjectNode parts)
            throws InterruptedException, ExecutionException {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            boolean restoreFirst = round % 2 == 0;
            RecoveryRates.Restored restored = restoreFirst ? rates.restore() : null;
            RecoveryRates.Pass keyframes = rates.readKeyframes();
            RecoveryRates.Pass kept = rates.keepKeyframes();
            RecoveryRates.Pass log = rates.readLog();
            restored = restored == null ? rates.restore() : restored;
            if (restored.keyframe().bytes() != keyframes.bytes()) {
                throw new IllegalStateException("a start read "
                        + restored.keyframe().bytes() + " bytes of keyframes, the consumers " + keyframes.bytes());
            }
            if (round > 0) {
                add(all, "keyframeLoad", restored.keyframe().megabytesPerSecond());
                add(all, "keyframeConsumers", keyframes.megabytesPerSecond());
                add(all, "keyframeConsumersThatKeep", kept.megabytesPerSecond());
                add(all, "logFold", log.bytes() / 1e6 / restored.logSeconds());
                add(all, "logConsumers", log.megabytesPerSecond());
            }
            parts.put("keyframeBytes", keyframes.bytes()).put("logBytes", log.bytes());
            settings.progress().accept("rates, round " + round + " of " + rounds);
        }
        Map<String, Spread> spreads = new LinkedHashMap<>();
        all.forEach((side, values) -> spreads.put(side, new Spread(values, "MB/s")));
        spreads.forEach((side, spread) -> parts.set(side, spread.json()));
        // What the machine gives to whoever needs that much memory of the system at once.
        parts.set(
                "keyframeLoadOverConsumersThatKeep",
                of(spreads, "keyframeLoad")
                        .over(of(spreads, "keyframeConsumersThatKeep"))
                        .json());
        Reference.put(
                parts,
                List.of(
                        new Reference(
                                LOAD,
                                of(spreads, "keyframeConsumersThatKeep")
                                        .over(of(spreads, "keyframeConsumers"))
                                        .median(),
                                "a consumer that copies what it reads into memory that is fresh from the system, by one thread")));
        return List.of(
                Goal.atLeast(
                        LOAD,
                        of(spreads, "keyframeLoad")
                                .over(of(spreads, "keyframeConsumers"))
                                .median(),
                        RATE_GOAL),
                Goal.atLeast(
                        "log fold over consumers",
                        of(spreads, "logFold").over(of(spreads, "logConsumers")).median(),
                        RATE_GOAL));
    }

    private static List<Goal> kills(
            RecoveryKills kills, int rounds, int sessionTimeoutMs, BenchSettings settings, ObjectNode parts)
            throws IOException, InterruptedException, TimeoutException, ExecutionException {
        Map<After, List<Recovery>> all = new EnumMap<>(After.class);
        List<After> order = List.of(After.values());
        // A minute has no room for a round that is discarded.
        for (int round = settings.quick() ? 1 : 0; round <= rounds; round++) {
            for (After after : round % 2 == 0 ? order : order.reversed()) {
                Recovery recovery = kills.measure(after);
                if (round > 0) {
                    all.computeIfAbsent(after, key -> new ArrayList<>()).add(recovery);
                }
                settings.progress().accept("kills, round " + round + " of " + rounds + ", " + after.word());
            }
        }
        double limitSeconds = (sessionTimeoutMs + ALLOWANCE_MS) / 1e3;
        List<Goal> goals = new ArrayList<>();
        all.forEach((after, recoveries) -> {
            Spread folded = spread(recoveries, Recovery::firstFolded);
            Spread visible = spread(recoveries, Recovery::firstVisible);
            ObjectNode part = parts.putObject(after.word());
            part.set("killToReady", spread(recoveries, Recovery::ready).json());
            part.set("killToFirstFolded", folded.json());
            part.set("killToFirstVisible", visible.json());
            part.set(
                    "killToVisibleFromAllPartitions",
                    spread(recoveries, Recovery::lastVisible).json());
            part.put(
                    "killsInsideTransactions",
                    recoveries.stream()
                            .filter(each -> each.transactionsOpen() > 0)
                            .count());
            goals.add(Goal.atMost(
                    after.word() + ": first folded over session timeout + 5 s", folded.median() / limitSeconds, 1));
            goals.add(Goal.atMost(
                    after.word() + ": first visible over session timeout + 5 s", visible.median() / limitSeconds, 1));
        });
        parts.put("killRounds", rounds);
        return goals;
    }

    private static ObjectNode parts(RecoveryModel model) {
        return Json.object()
                .put("stateBytes", model.stateBytes())
                .put("partitions", RecoveryModel.PARTITIONS)
                .put("streamThreads", RecoveryModel.PARTITIONS)
                .put("sessionTimeoutMs", model.sessionTimeoutMs())
                .put("transactionTimeoutMs", RecoveryModel.TRANSACTION_TIMEOUT_MS)
                .put("heap", "killed and restarted processes " + ApplicationProcess.HEAP + ", rates in this process")
                .put("maxHeapBytes", Runtime.getRuntime().maxMemory())
                .put("log", "a whole keyframe and one checkpoint behind it")
                .put(
                        "clientSettings",
                        "those of weir run for all sides; commit.interval.ms 1000, exactly_once_v2; kills with"
                                + " num.standby.replicas 1");
    }

    private static void add(Map<String, List<Double>> all, String side, double value) {
        all.computeIfAbsent(side, key -> new ArrayList<>()).add(value);
    }

    private static Spread spread(List<Recovery> recoveries, ToDoubleFunction<Recovery> figure) {
        return new Spread(recoveries.stream().mapToDouble(figure).boxed().toList(), "s");
    }

    private static Spread of(Map<String, Spread> spreads, String side) {
        return Objects.requireNonNull(spreads.get(side), side);
    }
}
