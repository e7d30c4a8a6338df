/** Clients of a running Weir: how they connect, and how they fail. */
@NullMarked
package dev.weir.clients;

import org.jspecify.annotations.NullMarked;
