/** The demo's data, model, trainers, evaluation and screen; nothing here knows Kafka. */
@NullMarked
package dev.weir.cli.demo;

import org.jspecify.annotations.NullMarked;
