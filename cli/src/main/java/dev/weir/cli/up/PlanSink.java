package dev.weir.cli.up;

import com.fasterxml.jackson.databind.JsonNode;

/** Takes the plan of a model: makes its topics and sees that its applications run. */
interface PlanSink {

    /** @param body the request as it came: {@code model}, {@code plan}, and perhaps {@code partitions} */
    PlanReply apply(String model, JsonNode body);
}
