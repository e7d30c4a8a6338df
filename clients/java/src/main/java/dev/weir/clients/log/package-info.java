/** Reading topics of one partition. */
@NullMarked
package dev.weir.clients.log;

import org.jspecify.annotations.NullMarked;
