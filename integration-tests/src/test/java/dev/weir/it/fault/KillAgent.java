package dev.weir.it.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * Rides along in an application's JVM, whose code it leaves as it is but for calls at the named points. Armed by a file, it
 * raises SIGKILL at the n-th pass of a point. Records of the open transactions are flushed before, so that the log holds
 * what the process believes to have sent.
 *
 * <p>Argument: a directory. The file {@code arm} in it says {@code POINT N}; what was hit is written to {@code hit}.
 */
public final class KillAgent {
    private static final int SIGKILL = 9;
    private static final int POLL_MS = 10;
    private static final ClassDesc SELF = ClassDesc.of("dev.weir.it.fault.KillAgent");
    private static final MethodTypeDesc AT =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String, ConstantDescs.CD_Object);

    /** Records of the open transaction of each producer that uses transactions. */
    private static final Map<Object, Integer> SENT = new IdentityHashMap<>();

    private static volatile Armed armed = Armed.NEVER;
    private static Path dir = Path.of("");
    private static MethodHandle raise;

    private KillAgent() {}

    private record Armed(String point, AtomicInteger passes) {
        static final Armed NEVER = new Armed("", new AtomicInteger());
    }

    @SuppressWarnings("restricted")
    public static void premain(String directory, Instrumentation instrumentation) {
        dir = Path.of(directory);
        raise = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("raise").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        arm("");
        instrumentation.addTransformer(new Calls());
        Thread.ofPlatform().name("kill-agent").daemon().start(KillAgent::watch);
    }

    /** Called at each point; {@code target} is the object whose method it is, null for a static one. */
    public static void at(String point, Object target) throws Throwable {
        if (target instanceof KafkaProducer<?, ?>) {
            atProducer(point, target);
        } else {
            pass(point, "");
        }
    }

    /** Keeps the books of transactions; producers without any pass no point. */
    private static void atProducer(String point, Object producer) throws Throwable {
        int sent;
        synchronized (SENT) {
            switch (point) {
                case "BEGIN" -> SENT.put(producer, 0);
                case "AFTER_SEND" -> SENT.computeIfPresent(producer, (key, count) -> count + 1);
                default -> {}
            }
            sent = SENT.getOrDefault(producer, -1);
            if (point.equals("AFTER_COMMIT") || point.equals("ABORT")) {
                SENT.remove(producer);
            }
        }
        if (sent >= 0) {
            pass(point, point.equals("AFTER_COMMIT") ? "" : sent + " records sent");
        }
    }

    private static void pass(String point, String state) throws Throwable {
        Armed now = armed;
        if (now.point().equals(point) && now.passes().decrementAndGet() == 0) {
            List<Object> open;
            synchronized (SENT) {
                open = List.copyOf(SENT.keySet());
            }
            for (Object producer : open) {
                ((KafkaProducer<?, ?>) producer).flush();
            }
            Files.writeString(dir.resolve("hit.new"), state);
            Files.move(dir.resolve("hit.new"), dir.resolve("hit"), StandardCopyOption.ATOMIC_MOVE);
            int unused = (int) raise.invokeExact(SIGKILL);
        }
    }

    private static void watch() {
        String before = "";
        while (!Thread.currentThread().isInterrupted()) {
            before = arm(before);
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String arm(String before) {
        try {
            String text = Files.exists(dir.resolve("arm"))
                    ? Files.readString(dir.resolve("arm")).strip()
                    : "";
            if (!text.equals(before)) {
                String[] words = text.split(" ");
                armed = words.length == 2
                        ? new Armed(words[0], new AtomicInteger(Integer.parseInt(words[1])))
                        : Armed.NEVER;
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the calls to the classes that have a point. */
    private static final class Calls implements ClassFileTransformer {
        @Override
        public byte[] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
            if (name == null || Arrays.stream(Point.values()).noneMatch(point -> point.isIn(name))) {
                return null;
            }
            try {
                ClassFile classes = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(
                        ClassHierarchyResolver.ofResourceParsing(ClassLoader.getSystemClassLoader())));
                ClassModel model = classes.parse(bytes);
                boolean producer = name.endsWith("/KafkaProducer");
                ClassTransform all = ClassTransform.ACCEPT_ALL;
                for (Point point : Point.values()) {
                    if (point.isIn(name)) {
                        all = all.andThen(ClassTransform.transformingMethodBodies(
                                method -> point.is(
                                        method.methodName().stringValue(),
                                        method.methodTypeSymbol().parameterCount()),
                                new Call(point.name(), point.after(), producer)));
                    }
                }
                if (producer) {
                    all = all.andThen(ClassTransform.transformingMethodBodies(
                                    method -> method.methodName().equalsString("beginTransaction"),
                                    new Call("BEGIN", true, true)))
                            .andThen(ClassTransform.transformingMethodBodies(
                                    method -> method.methodName().equalsString("abortTransaction"),
                                    new Call("ABORT", false, true)));
                }
                return classes.transformClass(model, all);
            } catch (RuntimeException | Error e) {
                e.printStackTrace();
                throw e;
            }
        }
    }

    private record Call(String point, boolean after, boolean ofProducer) implements CodeTransform {
        @Override
        public void atStart(CodeBuilder code) {
            if (!after) {
                call(code);
            }
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (after && element instanceof ReturnInstruction) {
                call(code);
            }
            code.with(element);
        }

        private void call(CodeBuilder code) {
            code.loadConstant(point);
            if (ofProducer) {
                code.aload(0);
            } else {
                code.aconst_null();
            }
            code.invokestatic(SELF, "at", AT);
        }
    }
}
