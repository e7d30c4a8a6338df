package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import java.util.List;

/** An operator as people name it: one that folds a stream, one that merges models that are all at hand, or a method of evaluations. */
public interface Spec {
    /** What plans and the command line call it. */
    String name();

    /** Its entry in the catalogue of papers, such as A4. */
    String id();

    /** The paper's or the method's title. */
    String title();

    /** Where the formula stands. */
    String reference();

    /** What it can be told. */
    List<Setting> settings();

    /** What else people want to know of it. */
    Facts facts();

    /** Its family: A averages of one trajectory, B merges of models, D choices among candidates, N negative flips. */
    default String family() {
        return id().substring(0, 1);
    }

    /** Whether a channel of a plan can run it. */
    boolean streams();

    /** How it is called from the command line. */
    default String call() {
        return "weir merge --operator " + name();
    }

    /** Bytes of state that a stream keeps for each f32 parameter, at the default settings; 0 without a stream. */
    int statePerParameter();
}
