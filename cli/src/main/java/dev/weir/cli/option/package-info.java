/** Option groups that several verbs share. */
@NullMarked
package dev.weir.cli.option;

import org.jspecify.annotations.NullMarked;
