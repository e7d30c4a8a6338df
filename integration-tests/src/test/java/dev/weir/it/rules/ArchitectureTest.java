package dev.weir.it.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ArchitectureTest {
    private static JavaClasses weir;

    @BeforeAll
    static void read() {
        weir = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.weir");
    }

    @Test
    void theClassesOfEveryModuleAreRead() {
        assertThat(List.of(
                        "dev.weir.schemas.tensor.Layout",
                        "dev.weir.operators.Ema",
                        "dev.weir.topology.Application",
                        "dev.weir.clients.Connection",
                        "dev.weir.cli.Weir"))
                .allMatch(weir::contain);
        assertThat(weir.stream()).noneMatch(type -> type.getPackageName().contains("planted"));
    }

    @ParameterizedTest
    @EnumSource
    void theRuleHolds(Rule rule) {
        rule.rule().check(weir);
    }

    @ParameterizedTest
    @EnumSource
    void aPlantedViolationIsFound(Rule rule) {
        JavaClasses planted = new ClassFileImporter().importClasses(rule.planted());
        assertThat(rule.rule().evaluate(planted).hasViolation())
                .as("%s finds %s", rule, rule.planted().getSimpleName())
                .isTrue();
    }
}
