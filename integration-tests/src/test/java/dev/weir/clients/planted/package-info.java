/** Classes that break a rule of the architecture, to see that the rule finds them. */
@NullMarked
package dev.weir.clients.planted;

import org.jspecify.annotations.NullMarked;
