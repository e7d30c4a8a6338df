/** Verdicts on candidates: which version is in service, and how to move it by hand. */
@NullMarked
package dev.weir.clients.promote;

import org.jspecify.annotations.NullMarked;
