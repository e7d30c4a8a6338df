package dev.weir.it.fault;

import dev.weir.it.fault.Fault.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Two instances of merge and two of coordinate. */
final class Instances implements AutoCloseable {
    private final List<Instance> all = new ArrayList<>();
    private final List<String> endedByThemselves = new ArrayList<>();

    static Instances start(Cluster cluster, String model, Path dir) throws IOException {
        Path agent = AgentJar.write(dir.resolve("agent.jar"));
        Instances instances = new Instances();
        for (Role role : Role.values()) {
            for (String name : List.of("first", "second")) {
                Path home = dir.resolve(role.lowerCase() + "-" + name);
                instances.all.add(Instance.start(cluster, model, role, name, home, agent));
            }
        }
        return instances;
    }

    int count() {
        return all.size();
    }

    boolean areReady() {
        return all.stream().allMatch(Instance::isReady);
    }

    boolean anotherIsReady(Instance instance) {
        return all.stream().anyMatch(one -> one != instance && one.role() == instance.role() && one.isReady());
    }

    /** The instance of a role that is ready and works on most partitions; empty while none is at work. */
    Optional<Instance> busiest(Role role, Observer observer) {
        Map<Instance, Integer> partitions = new HashMap<>();
        for (Instance instance : all) {
            try {
                if (instance.role() == role && instance.isReady()) {
                    partitions.put(instance, observer.partitions(instance).size());
                }
            } catch (Exception brokerIsAway) {
                return Optional.empty();
            }
        }
        return partitions.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .min(Comparator.comparing((Map.Entry<Instance, Integer> entry) -> -entry.getValue())
                        .thenComparing(entry -> entry.getKey().name()))
                .map(Map.Entry::getKey);
    }

    /** Starts those again that ended although nobody made them. */
    void supervise(String when) throws IOException {
        for (Instance instance : all) {
            if (instance.endedByItself()) {
                endedByThemselves.add(instance.title() + ", " + when + ": " + instance.lastWords());
                instance.start();
            }
        }
    }

    /** Those that ended although nobody made them, with what they said. */
    List<String> endedByThemselves() {
        return endedByThemselves;
    }

    @Override
    public void close() {
        all.forEach(Instance::close);
    }
}
