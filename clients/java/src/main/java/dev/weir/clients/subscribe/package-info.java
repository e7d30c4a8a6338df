/** How servers get complete snapshots into a directory. */
@NullMarked
package dev.weir.clients.subscribe;

import org.jspecify.annotations.NullMarked;
