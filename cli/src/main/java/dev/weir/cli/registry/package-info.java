/** The schema registry as a child process. Depends on the JDK alone: it shares a JVM with the registry's own jars. */
@NullMarked
package dev.weir.cli.registry;

import org.jspecify.annotations.NullMarked;
