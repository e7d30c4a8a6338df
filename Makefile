# Targets for people; .ci/run uses the same ones. JDK 25 is found by etc/java-home.
export JAVA_HOME := $(shell etc/java-home)
MVN := mvn -B -ntp

.PHONY: build test it bench demo format clean
build:
	$(MVN) -q -DskipTests package
test:
	$(MVN) verify
it:
	$(MVN) verify -pl integration-tests -am
format:
	$(MVN) -q spotless:apply
clean:
	$(MVN) -q clean
