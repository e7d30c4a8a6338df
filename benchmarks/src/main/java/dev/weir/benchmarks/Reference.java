package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A ratio to be read beside a goal: what the comparison would come to if one thing alone, which was counted or measured in the same rounds,
 * decided it. By it a reader sees how far a missed goal is the machine's.
 *
 * @param goal its name
 * @param ratio of that thing alone
 * @param by what it is
 */
record Reference(String goal, double ratio, String by) {

    static void put(ObjectNode parts, List<Reference> references) {
        ArrayNode all = parts.putArray("references");
        for (Reference reference : references) {
            all.addObject()
                    .put("goal", reference.goal)
                    .put("ratio", Math.round(reference.ratio * 10_000) / 10_000.0)
                    .put("by", reference.by);
        }
    }
}
