/** What an application says of itself over HTTP. */
@NullMarked
package dev.weir.topology.status;

import org.jspecify.annotations.NullMarked;
