/** Merges beside the stream: versions of channels in, checkpoints of a run out, a round a trainer step. */
@NullMarked
package dev.weir.cli.job;

import org.jspecify.annotations.NullMarked;
