package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What the machine allows of a comparison, by what was measured beside it in the same rounds: it tells a goal that is missed
 * from one that cannot be had there.
 *
 * @param goal its name
 * @param ratio what could be reached
 * @param by what bounds it
 */
record Limit(String goal, double ratio, String by) {

    static void put(ObjectNode parts, List<Limit> limits) {
        ArrayNode all = parts.putArray("limits");
        for (Limit limit : limits) {
            all.addObject()
                    .put("goal", limit.goal)
                    .put("ratio", Math.round(limit.ratio * 10_000) / 10_000.0)
                    .put("by", limit.by);
        }
    }
}
