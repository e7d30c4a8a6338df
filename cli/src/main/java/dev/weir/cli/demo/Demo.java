package dev.weir.cli.demo;

import dev.weir.cli.WeirException;
import dev.weir.cli.up.LocalWeir;
import dev.weir.clients.Connection;
import dev.weir.clients.evaluate.Evaluator;
import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.clients.feedback.FeedbackReader;
import dev.weir.clients.promote.Promotions;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.coordinate.BaselineRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * The demo: release 1 goes into service, two trainers train release 2, and every version that comes out is pulled,
 * evaluated and judged before the next checkpoint, so that everything but times follows from the seed.
 */
public final class Demo {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> RUNS = List.of("trainer-a", "trainer-b");

    private final DemoSettings settings;
    private final PrintWriter out;
    private final DemoScreen screen;
    private final Redraw redraw = new Redraw();
    private final Digits digits = Digits.load();
    private final DemoReport report = new DemoReport();
    private final Map<String, DemoState.Channel> channels = new LinkedHashMap<>();
    private final long beganNanos = System.nanoTime();
    private final long[] steps = new long[RUNS.size()];
    private final long[] counts = new long[RUNS.size()];

    public Demo(DemoSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
        this.screen = new DemoScreen(settings.live() ? Ansi.AUTO : Ansi.OFF);
    }

    /** Runs to its end. */
    public void run() throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("weir-demo");
        Path into = settings.out() == null ? data.resolve("out") : settings.out();
        // Also when a signal ends it; what still writes there ends with this process.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> DemoFiles.deleteQuietly(data), "weir-demo-files"));
        try (LocalWeir weir = LocalWeir.start(data.resolve("weir"))) {
            Connection connection = weir.connection();
            Mlp release1 = Release1.train(digits, settings.seed());
            Evaluation before = Evaluation.of(digits, release1);
            weir.plan(DemoPlan.MODEL, DemoPlan.release1());
            try (DemoLog log = new DemoLog(connection, new Topics(DemoPlan.MODEL));
                    Subscriber subscriber = Subscriber.open(connection, DemoPlan.MODEL);
                    Evaluator evaluator = Evaluator.open(connection, DemoPlan.MODEL, "demo")) {
                serve(connection, evaluator, release1, before);
                weir.plan(
                        DemoPlan.MODEL, DemoPlan.release2(before.against(before).accuracy(), settings.switchSteps()));
                log.decision(BaselineRun.NAME, 1);
                train(connection, log, subscriber, evaluator, release1, before, into);
            }
            print(screen.end(state(before)));
            Path file = settings.report();
            if (file != null) {
                Map<String, Object> client = Map.of("bootstrap.servers", connection.bootstrap());
                report.write(file, settings.seed(), seconds(), TopicSizes.of(client, DemoPlan.MODEL));
            }
        }
    }

    /** Publishes release 1 and puts it in service. */
    private void serve(Connection connection, Evaluator evaluator, Mlp release1, Evaluation before) {
        try (Publisher publisher = Publisher.open(connection, DemoPlan.MODEL, "release-1", Mlp.LAYOUT, PATIENCE)) {
            accepted(publisher.publish(Release1.STEPS, release1.source()));
        }
        Subject subject = new Subject(DemoPlan.RELEASE, 1L);
        evaluate(evaluator, subject, before);
        try (Promotions promotions = Promotions.open(connection, DemoPlan.MODEL)) {
            promotions.promote(subject, "demo", "release 1 goes into service", PATIENCE);
        }
    }

    private void train(
            Connection connection,
            DemoLog log,
            Subscriber subscriber,
            Evaluator evaluator,
            Mlp release1,
            Evaluation before,
            Path into) {
        TrainingSet data = Release2.data(digits, settings.seed());
        List<Trainer> trainers = new ArrayList<>();
        List<Publisher> publishers = new ArrayList<>();
        List<FeedbackReader> feedback = new ArrayList<>();
        try {
            for (int i = 0; i < RUNS.size(); i++) {
                trainers.add(Release2.trainer(release1, data, settings.seed(), i));
                Publisher publisher = Publisher.open(connection, DemoPlan.MODEL, RUNS.get(i), Mlp.LAYOUT, PATIENCE);
                publishers.add(publisher);
                feedback.add(FeedbackReader.open(connection, DemoPlan.MODEL, RUNS.get(i), publisher::epoch, PATIENCE));
            }
            for (int i = 0; goesOn(i); i++) {
                int turn = i % RUNS.size();
                Trainer.Checkpoint checkpoint = trainers.get(turn).next();
                Outcome.Accepted outcome = accepted(publishers
                        .get(turn)
                        .publish(checkpoint.step(), checkpoint.weights().source()));
                goOn(trainers.get(turn), feedback.get(turn), checkpoint.step());
                steps[turn] = checkpoint.step();
                counts[turn]++;
                round(log, subscriber, evaluator, before, into, outcome, checkpoint.step());
            }
        } finally {
            feedback.forEach(FeedbackReader::close);
            publishers.forEach(Publisher::close);
        }
    }

    /** Switch EMA: where the average comes back, the trainer goes on from it; plain SGD has no other state. */
    private void goOn(Trainer trainer, FeedbackReader feedback, long step) {
        feedback.apply(step, file -> trainer.replace(Mlp.read(file)))
                .ifPresent(taken -> report.add(new DemoReport.Switch(
                        taken.getRun(),
                        step,
                        taken.getVersion(),
                        trainer.weights().digest())));
    }

    /** One checkpoint's versions: pulled, evaluated, and their verdicts awaited. */
    private void round(
            DemoLog log,
            Subscriber subscriber,
            Evaluator evaluator,
            Evaluation before,
            Path into,
            Outcome.Accepted outcome,
            long step) {
        Map<Subject, Evaluation> evaluations = new LinkedHashMap<>();
        for (String channel : DemoPlan.CHANNELS) {
            Long version = outcome.versions().get(channel);
            if (version == null) {
                continue;
            }
            Subject subject = new Subject(channel, version);
            Path pulled = subscriber.pull(log.manifest(subject), into.resolve(channel));
            try (SafetensorsFile file = SafetensorsFile.open(pulled)) {
                evaluations.put(subject, Evaluation.of(digits, Mlp.read(file)));
            }
            show(channel, shown(subject, outcome.seq()), step, null, new DemoState.Gate.None(), before);
        }
        evaluations.forEach((subject, evaluation) -> evaluate(evaluator, subject, evaluation));
        evaluations.forEach((subject, evaluation) -> {
            log.comparison(subject);
            Score score = evaluation.against(before);
            DemoState.Gate gate = new DemoState.Gate.None();
            if (subject.getChannel().equals(DemoState.BCWI)) {
                Promotion verdict = log.verdict(subject);
                gate = verdict.getVerdict() == PromotionVerdict.PROMOTED
                        ? new DemoState.Gate.Promoted("within the budget")
                        : new DemoState.Gate.Held(verdict.getReason());
            }
            long version = shown(subject, outcome.seq());
            show(subject.getChannel(), version, step, score, gate, before);
            Manifest manifest = log.manifest(subject);
            report.add(new DemoReport.Version(
                    subject.getChannel(),
                    version,
                    step,
                    score,
                    HexFormat.of().formatHex(manifest.getDigest().bytes()),
                    gate instanceof DemoState.Gate.Promoted));
        });
    }

    /** The number that people see: of raw checkpoints the decision that accepted them. */
    private static long shown(Subject subject, long seq) {
        return subject.getChannel().equals(DemoState.RAW) ? seq : subject.getVersion();
    }

    private boolean goesOn(int published) {
        Duration limit = settings.limit();
        boolean inTime = limit == null || System.nanoTime() - beganNanos < limit.toNanos();
        return inTime && (settings.checkpoints() == 0 || published < settings.checkpoints());
    }

    private void show(
            String channel, long version, long step, @Nullable Score score, DemoState.Gate gate, Evaluation before) {
        DemoState.Channel row = new DemoState.Channel(channel, version, step, score, gate);
        channels.put(channel, row);
        if (settings.live()) {
            out.print(redraw.next(screen.live(state(before))));
            out.flush();
        } else if (score != null) {
            print(List.of(screen.line(row)));
        }
    }

    private DemoState state(Evaluation before) {
        List<DemoState.Run> runs = IntStream.range(0, RUNS.size())
                .mapToObj(i -> new DemoState.Run(RUNS.get(i), steps[i], counts[i]))
                .toList();
        return new DemoState(
                settings.seed(),
                (System.nanoTime() - beganNanos) / 1_000_000,
                counts[0] + counts[1],
                settings.checkpoints(),
                before.against(before),
                runs,
                List.copyOf(channels.values()));
    }

    private void print(List<String> lines) {
        lines.forEach(out::println);
        out.flush();
    }

    private double seconds() {
        return (System.nanoTime() - beganNanos) / 1e9;
    }

    private static void evaluate(Evaluator evaluator, Subject subject, Evaluation evaluation) {
        evaluator.evaluate(
                subject,
                IntStream.range(0, evaluation.count())
                        .mapToObj(i -> new PredictionRow(
                                Integer.toString(evaluation.id(i)),
                                OptionalInt.of(evaluation.label(i)),
                                evaluation.prediction(i),
                                List.of(),
                                new float[0]))
                        .toList());
    }

    private static Outcome.Accepted accepted(Outcome outcome) {
        if (outcome instanceof Outcome.Accepted accepted) {
            return accepted;
        }
        throw new WeirException("demo", "a checkpoint was not accepted: " + outcome, "", "");
    }
}
