# Targets for people; .ci/run uses the same ones. JDK 25 is found by etc/java-home.
export JAVA_HOME := $(shell etc/java-home)
# Maven's own libraries warn on JDK 25 about what they call; nothing of that is about Weir.
export MAVEN_OPTS := $(MAVEN_OPTS) --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
MVN := mvn -B -ntp
SPOTLESS := com.diffplug.spotless:spotless-maven-plugin:3.11.0

.PHONY: build test it soak large operator-results bench bench-reports bench-pages growth-figures demo demo-recording format clean
build: # everything, no tests
	$(MVN) -q -DskipTests package
test: # everything, unit and integration tests
	$(MVN) verify
it: # the integration tests, against what is built of the other modules first
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='*IT'
soak: # kills, broker bounces, pauses and fenced trainers for about half an hour; writes docs/soak.md
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=SoakRun
operator-results: # what operators make of a real data update, measured: writes docs/operators/results.md
	$(MVN) test -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=OperatorResultsIT -Dweir.write-docs=true
large: # large states and backlogs: some 30 GB of disk, 12 GB of memory, and minutes
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='StateSizeIT,BacklogIT' \
		-Dweir.state-mib=2048 -Dweir.backlog-mib=4096
bench: # every benchmark against its limit or peer; each ends with one JSON object, see docs/performance.md
	@for name in $$(./weir bench | cut -d' ' -f1); do ./weir bench $$name --json || exit 1; done
bench-reports: # all of them in full, an hour: docs/bench/NAME.json and the pages; NAMES="growth codec" for some, --quick among them for rough ones
	etc/bench-reports $(NAMES)
bench-pages growth-figures: # from docs/bench/*.json: docs/bench/README.md, docs/growth.md with its figure, docs/sizing.md
	$(MVN) -q test -pl benchmarks -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=BenchPagesDocTest -Dweir.write-docs=true
demo: # release 1 in service, two trainers, averages, flips and the gate
	./weir demo
demo-recording: # writes docs/demo.txt and the end of it into the README
	etc/record-demo
format:
	$(MVN) -q $(SPOTLESS):apply
clean:
	$(MVN) -q clean
