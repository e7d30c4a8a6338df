package dev.weir.it.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import dev.weir.cli.planted.CliKnowsTheBroker;
import dev.weir.cli.planted.CliReadsObjects;
import dev.weir.clients.planted.ClientsKnowsTopology;
import dev.weir.operators.planted.OperatorsCallsTheSolver;
import dev.weir.operators.planted.OperatorsKnowsKafka;
import dev.weir.operators.planted.OperatorsKnowsTopology;
import dev.weir.operators.planted.OperatorsLogs;
import dev.weir.operators.planted.OperatorsReadsFiles;
import dev.weir.operators.planted.OperatorsReadsTheClock;
import dev.weir.operators.planted.OperatorsRollsDice;
import dev.weir.schemas.planted.SchemasKnowsOperators;
import dev.weir.topology.planted.TopologyKnowsClients;
import java.util.concurrent.ThreadLocalRandom;

/** The rules, each with a class that breaks it. */
enum Rule {
    SCHEMAS_STAND_ALONE(
            notKnowing(
                    "schemas", "dev.weir.operators..", "dev.weir.topology..", "dev.weir.clients..", "dev.weir.cli.."),
            SchemasKnowsOperators.class),
    OPERATORS_KNOW_SCHEMAS_ALONE(
            notKnowing("operators", "dev.weir.topology..", "dev.weir.clients..", "dev.weir.cli.."),
            OperatorsKnowsTopology.class),
    OPERATORS_KNOW_NO_KAFKA(
            notKnowing("operators", "org.apache.kafka..", "io.confluent..", "kafka.."), OperatorsKnowsKafka.class),
    OPERATORS_DO_NO_IO(
            notKnowing("operators", "java.io..", "java.nio.file..", "java.nio.channels..", "java.net.."),
            OperatorsReadsFiles.class),
    /** But for the choice between two loops that give the same bits, by how fast one is (ADR 0055). */
    OPERATORS_READ_NO_CLOCK(
            noClasses()
                    .that()
                    .resideInAPackage("dev.weir.operators..")
                    .and()
                    .doNotHaveFullyQualifiedName("dev.weir.operators.kernel.VectorUnit")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.time..")
                    .orShould()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis"),
            OperatorsReadsTheClock.class),
    OPERATORS_ROLL_NO_DICE(
            noClasses()
                    .that()
                    .resideInAPackage("dev.weir.operators..")
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.util\\.(.*Random.*|UUID)")
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(ThreadLocalRandom.class)
                    .orShould()
                    .callMethod(Math.class, "random"),
            OperatorsRollsDice.class),
    OPERATORS_DO_NOT_LOG(notKnowing("operators", "org.slf4j..", "java.util.logging.."), OperatorsLogs.class),
    TOPOLOGY_KNOWS_NO_CLIENT_AND_NO_BROKER(
            notKnowing("topology", "dev.weir.cli..", "dev.weir.clients..", "kafka.."), TopologyKnowsClients.class),
    CLIENTS_KNOW_SCHEMAS_ALONE(
            notKnowing(
                    "clients",
                    "dev.weir.topology..",
                    "dev.weir.operators..",
                    "dev.weir.cli..",
                    "org.apache.kafka.streams.."),
            ClientsKnowsTopology.class),
    THE_BROKER_STAYS_IN_ITS_PACKAGE(
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.weir.cli.broker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("kafka.."),
            CliKnowsTheBroker.class),
    SOLVERS_STAY_IN_THEIR_PACKAGE(
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.weir.operators.solve..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.ojalgo.."),
            OperatorsCallsTheSolver.class),
    NOTHING_READS_SERIALIZED_OBJECTS(
            noClasses().should().dependOnClassesThat().areAssignableTo("java.io.ObjectInputStream"),
            CliReadsObjects.class);

    private final ArchRule rule;
    private final Class<?> planted;

    Rule(ArchRule rule, Class<?> planted) {
        this.rule = rule;
        this.planted = planted;
    }

    ArchRule rule() {
        return rule;
    }

    /** A class that breaks it. */
    Class<?> planted() {
        return planted;
    }

    private static ArchRule notKnowing(String module, String... forbidden) {
        return noClasses()
                .that()
                .resideInAPackage("dev.weir." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden);
    }
}
