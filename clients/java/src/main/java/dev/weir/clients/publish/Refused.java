package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a publisher refuses before anything is sent. */
final class Refused {

    private Refused() {}

    /** @throws ClientException for more than a run may say */
    static void provenance(String run, Map<String, String> provenance) {
        String refusal = Provenance.refusal(provenance);
        if (!refusal.isEmpty()) {
            throw new ClientException(
                    ClientException.Reason.INVALID, "run " + run, refusal, "", "say what others compare");
        }
    }

    /** @throws ClientException for a layout that is too large to be kept */
    static void layout(String run, Layout layout) {
        String refusal = layout.refusal();
        if (!refusal.isEmpty()) {
            throw new ClientException(
                    ClientException.Reason.INVALID, "run " + run, refusal, "", "join small tensors to larger ones");
        }
    }

    /** @throws ClientException for names that companions cannot have */
    static void companions(String run, long step, Set<String> names) {
        String refusal = Companions.refusal(List.copyOf(names));
        if (!refusal.isEmpty()) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "step " + step + " of run " + run,
                    refusal,
                    "",
                    "correct the names");
        }
    }

    /**
     * Steps grow.
     *
     * @param lastStep the one sent before; -1: none
     * @throws ClientException for a step that does not
     */
    static void step(String run, long step, long lastStep) {
        if (step < 0 || step <= lastStep) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "run " + run,
                    "step " + step + (lastStep < 0 ? "" : " comes after step " + lastStep),
                    "allowed: steps of 0 and more that grow",
                    "number checkpoints by the trainer's steps");
        }
    }
}
