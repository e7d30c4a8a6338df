# Targets for people; .ci/run uses the same ones. JDK 25 is found by etc/java-home.
export JAVA_HOME := $(shell etc/java-home)
# Maven's own libraries warn on JDK 25 about what they call; nothing of that is about Weir.
export MAVEN_OPTS := $(MAVEN_OPTS) --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
MVN := mvn -B -ntp
# A state of 2 GB, a backlog of 4 GB; make test has smaller ones.
LARGE := -Dweir.state-mib=2048 -Dweir.backlog-mib=4096
SPOTLESS := com.diffplug.spotless:spotless-maven-plugin:3.11.0

.PHONY: build test it soak large operator-results bench bench-reports bench-pages growth-figures demo demo-recording format clean
build: # everything, no tests
	$(MVN) -q -DskipTests package
test: # everything, unit and integration tests
	$(MVN) verify
it: # the integration tests with large states and backlogs, against what is built of the other modules first
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='*IT' $(LARGE)
soak: # kills, broker bounces, pauses and fenced trainers for about half an hour; writes docs/soak.md
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=SoakRun
operator-results: # what operators make of real training, measured and plotted: writes pages and pictures in docs/operators
	$(MVN) test -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dweir.write-docs=true \
		-Dtest='OperatorResultsIT,TrajectoryResultsIT,ContinualResultsIT,WeightProfilesTest'
large: # large states and backlogs alone: some 30 GB of disk, 12 GB of memory, and minutes
	$(MVN) verify -pl integration-tests -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='StateSizeIT,BacklogIT' $(LARGE)
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
