"""The tables T1 to T9 of a study."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from affekt_metrics.intervals import Intervals

from affekt_benchmark.arguments import agreement, rates, soft, strict
from affekt_benchmark.arguments.corpus import LABELS, NONE, Corpus
from affekt_benchmark.arguments.systems import System, labels_of_words
from affekt_benchmark.reports.tables import Cell, Table, figure

HUMAN = "one person, held out"
WHOLE = "On the whole release of 1,000 texts: α .090 for emotions and .081 for emotional or not, held-out person .248."
"""What is known of EMCONA as a whole, from the same definitions."""


def all_tables(
    corpus: Corpus, systems: Sequence[System], folds: np.ndarray, intervals: Intervals, with_rewritten: bool
) -> list[Table]:
    """Every table that the corpus has the columns for.

    Args:
        folds: the fold that tests each text.
        with_rewritten: mention what is known of the whole release of EMCONA.
    """
    tables = [
        t1(corpus), t2(corpus, intervals, with_rewritten), t3(corpus, systems, intervals),
        *t4(corpus, systems, intervals), t5(corpus, systems, intervals), t6(corpus, systems, intervals),
        t6b(corpus, systems, folds), t7(corpus, intervals), t8(corpus, systems, intervals),
        t9(corpus, systems, intervals),
    ]  # fmt: skip
    return [table for table in tables if table is not None]


def t1(corpus: Corpus) -> Table:
    """How many texts, people and labels there are."""
    none = LABELS.index(NONE)
    emotional = (corpus.said != none).mean(axis=1)
    counts = np.bincount(corpus.said.ravel(), minlength=len(LABELS))
    rows: list[list[Cell]] = [
        ["texts", len(corpus), None],
        ["originals", int(corpus.clusters.max()) + 1, None],
        ["people a text", corpus.said.shape[1], None],
        ["judgements", int(corpus.said.size), None],
        ["emotional to at least one person", int((emotional > 0).sum()), float((emotional > 0).mean())],
        ["emotional to most people", int((emotional > 0.5).sum()), float((emotional > 0.5).mean())],
        ["without a majority", int((corpus.majority < 0).sum()), float((corpus.majority < 0).mean())],
    ]
    rows += [[label, int(count), float(count / counts.sum())] for label, count in zip(LABELS, counts, strict=True)]
    return Table(name="T1", title=f"Corpus: {corpus.name}", columns=("", "count", "share"), rows=rows)


def t2(corpus: Corpus, intervals: Intervals, with_rewritten: bool) -> Table:
    """How far people agree: alpha of all people first, and the most favourable figure last."""
    none = LABELS.index(NONE)
    several = corpus.said.shape[1]
    same = (corpus.said == corpus.said[:, :1]).all(axis=1)
    rows: list[list[Cell]] = [
        ["Krippendorff's α, emotion", figure(agreement.nominal(corpus, None, intervals), "alpha_raters")],
        ["Krippendorff's α, emotional or not",
         figure(agreement.nominal(corpus, None, intervals, binary=True), "alpha_raters")],
    ]  # fmt: skip
    if (given := corpus.notes("convincing")) is not None:
        alpha = agreement.interval(given, corpus.clusters, intervals)
        rows.append(["Krippendorff's α, how convincing (interval)", figure(alpha, "alpha")])
    pairs = agreement.pairwise(corpus, intervals)
    rows += [
        ["pairs who name the same", figure(pairs, "emotion")],
        ["pairs who agree on emotional or not", figure(pairs, "binary")],
        [f"texts with {several} equal labels", float(same.mean())],
        ["of these, none", float((corpus.said[same, 0] == none).mean()) if same.any() else None],
        ["texts without a majority", float((corpus.majority < 0).mean())],
    ]
    if (batches := corpus.notes("batch")) is not None and several > 2:
        kappa = agreement.best_pair(corpus, batches)
        rows.append(["best pair only: mean κ of each batch's most agreeing two", kappa])
    notes = ["The last row chooses who is asked after the fact; compare it with α only to see what that does."] if (
        batches is not None) else []  # fmt: skip
    return Table(name="T2", title="Agreement of people", columns=("", "value [95 %]"), rows=rows,
                 notes=[*notes, *([WHOLE] if with_rewritten else [])])  # fmt: skip


def t3(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> Table:
    """Emotional or not: asked for that alone, and derived from a label or from open words."""
    none = LABELS.index(NONE)

    def rows() -> Iterator[list[Cell]]:
        yield [HUMAN, "label", *_binary(strict.emotional(corpus, None, intervals))]
        for system in systems:
            if system.emotional is not None:
                yield [system.name, "binary", *_binary(strict.emotional(corpus, system.emotional, intervals))]
            if system.choice is not None:
                yield [system.name, "label", *_binary(strict.emotional(corpus, system.choice != none, intervals))]
            if system.words:
                named = np.array([any(label != NONE for label in labels_of_words(words)[0]) for words in system.words])
                yield [system.name, "open words", *_binary(strict.emotional(corpus, named, intervals))]

    return Table(name="T3", title="Emotional or not, against most people",
                 columns=("system", "asked for", "precision", "recall", "F1"), rows=list(rows()),
                 notes=[f"{HUMAN.capitalize()}: against the others where they agree."])  # fmt: skip


def _binary(figures: strict.Figures) -> list[Cell]:
    return [figure(figures, name) for name in ("precision", "recall", "f1")]


def t4(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> list[Table]:
    """Labels of the closed set: all together, then every emotion."""
    overall: list[list[Cell]] = []
    each: list[list[Cell]] = []
    for system in [None, *(system for system in systems if system.choice is not None)]:
        choice = None if system is None else system.choice
        others = strict.against_others(corpus, choice, intervals)
        majority = strict.against_majority(corpus, choice, intervals) if choice is not None else {}
        near = strict.relaxed(corpus, choice, intervals)
        distance = soft.of_people(corpus, intervals) if system is None else soft.distances(corpus, system, intervals)
        name = HUMAN if system is None else system.name
        overall.append([
            name, figure(others, "macro_f1"), figure(others, "accuracy"), figure(majority, "macro_f1"),
            figure(majority, "accuracy"), figure(near, "others"), figure(distance, "cross_entropy"),
            figure(distance, "jensen_shannon"), figure(distance, "brier"),
        ])  # fmt: skip
        rate = strict.rates(corpus, choice, intervals) if choice is not None else {}
        for label in LABELS:
            cells = [figure(others, f"{what}:{label}") for what in ("precision", "recall", "f1")]
            each.append([name, label, *cells, figure(rate, f"ratio:{label}") if rate else 1.0])
    truth, _ = strict.held_out(corpus)
    notes = [
        f"Strict: {int((truth >= 0).sum())} judgements in which all others agree when a person is held out; a system "
        "is measured on the same ones as that person. Majority: texts with a majority alone, so without "
        f"{int((corpus.majority < 0).sum())}. Relaxed: the label is among the others'.",
        "Cross-entropy (nats), Jensen–Shannon divergence (bits) and Brier score are against the distribution of "
        f"people, probabilities below {soft.LEAST} counting as that; a held-out person's are against the others.",
    ]  # fmt: skip
    first = Table(
        name="T4", title="Labels of the closed set", rows=overall, notes=notes,
        columns=("system", "strict macro-F1", "strict accuracy", "majority macro-F1", "majority accuracy", "relaxed",
                 "cross-entropy", "Jensen–Shannon", "Brier"),
    )  # fmt: skip
    second = Table(
        name="T4b", title="Each emotion, strict, and how often it is named over how often people name it", rows=each,
        columns=("system", "emotion", "precision", "recall", "F1", "named ÷ people"),
    )  # fmt: skip
    return [first, second]


def t5(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> Table | None:
    """Open words, through a map that is data: affekt's built-in wheel and the vocabularies of data sets."""
    rows: list[list[Cell]] = []
    for system in systems:
        if not system.words:
            continue
        mapped = [labels_of_words(words) for words in system.words]
        count = sum(len(words) for words in system.words)
        choice = np.array([LABELS.index(labels[0]) if labels else LABELS.index(NONE) for labels, _ in mapped])
        label_sets = [{LABELS.index(label) for label in labels} for labels, _ in mapped]
        near = np.array([bool(named & set(row)) for named, row in zip(label_sets, corpus.said.tolist(), strict=True)])
        majority = strict.against_majority(corpus, choice, intervals)
        most = Counter(word for words in system.words for word in words if labels_of_words([word])[1]).most_common(5)
        rows.append([
            system.name, count, sum(unmapped for _, unmapped in mapped) / max(count, 1),
            figure(majority, "macro_f1"), figure(strict.means(corpus, {"near": near}, intervals), "near"),
            ", ".join(word for word, _ in most) or None,
        ])  # fmt: skip
    notes = ["A word is looked up among the labels of data sets, then on affekt's built-in emotion wheel. Strict: the "
             "first word with a label; relaxed: any word's label was given by anybody."]  # fmt: skip
    if not rows:
        notes = ["None of these systems writes words of its own."]
    return Table(name="T5", title="Open words", rows=rows, notes=notes, columns=(
        "system", "words", "without a label", "strict macro-F1", "relaxed", "most frequent without one"))  # fmt: skip


def t6(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> Table:
    """Bias: the logarithm of the ratio of rates, and how much of the mass lies on unpleasant emotions."""
    unpleasant = [LABELS.index(label) for label in strict.UNPLEASANT]
    human = strict.means(corpus, {"mass": corpus.shares[:, unpleasant].sum(axis=1)}, intervals)
    rows: list[list[Cell]] = [["people", *([0.0] * len(LABELS)), figure(human, "mass")]]
    for system in systems:
        if system.choice is None or system.probabilities is None:
            continue
        rate = strict.rates(corpus, system.choice, intervals)
        mass = strict.means(corpus, {"mass": system.probabilities[:, unpleasant].sum(axis=1)}, intervals)
        rows.append([system.name, *(figure(rate, f"log:{label}") for label in LABELS), figure(mass, "mass")])
    return Table(
        name="T6", title="Bias: log ratio of rates, model over people", rows=rows,
        columns=("system", *LABELS, "mass on anger, fear, disgust, sadness"),
        notes=["0 is no bias, 0.69 twice as often as people. The mass is of probabilities, not of labels."],
    )  # fmt: skip


def t6b(corpus: Corpus, systems: Sequence[System], folds: np.ndarray) -> Table:
    """How often each label is named, and estimated to be given, over how often people give it."""
    people = corpus.shares.mean(axis=0)
    rows: list[list[Cell]] = []
    for system in systems:
        if system.choice is None or system.probabilities is None:
            continue
        if (system.probabilities == system.probabilities[0]).all():
            continue  # an answer that never changes says nothing of rates
        for how, of_labels in rates.estimated(corpus, system, folds).items():
            ratios = np.divide(of_labels, people, out=np.full(len(people), np.nan), where=people > 0)
            rows.append([system.name, how, *(None if np.isnan(ratio) else float(ratio) for ratio in ratios)])
    return Table(
        name="T6b", title="Rates of labels on texts that nobody labelled, over people's", rows=rows,
        columns=("system", "rates", *LABELS),
        notes=["EM (Saerens et al., 2002) takes the rates of the folds that a system learnt from, or even ones "
               "where nobody knows; BBSE (Lipton et al., 2018) its errors on the other folds. Neither reads a label of "
               "the texts whose rates it estimates. Both hold where texts of a label look alike in both sets."],
    )  # fmt: skip


def t7(corpus: Corpus, intervals: Intervals) -> Table | None:
    """How convincing an argument is to those who feel an emotion; None where nobody was asked."""
    scores = corpus.notes("convincing_z")
    if scores is None:
        return None
    by_emotion = agreement.convincing(corpus, scores, max(intervals.draws, 100), intervals.seed, intervals)
    rows: list[list[Cell]] = [[label, count, mean, p] for label, (count, mean, p) in by_emotion.items()]
    return Table(
        name="T7", title="Emotion and convincingness", columns=("emotion", "judgements", "mean z", "p"), rows=rows,
        notes=["z of each person's own ratings. p: two-sided, scores shuffled among texts of one claim; not corrected "
               "for the number of emotions."],
    )  # fmt: skip


def t8(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> Table:
    """The model as one more person."""
    rows: list[list[Cell]] = []
    for system in systems:
        if system.choice is None:
            continue
        alpha = agreement.nominal(corpus, system.choice, intervals)
        wins = soft.win_rates(corpus, system, intervals)
        each = [figure(wins, f"person {person}") for person in range(corpus.said.shape[1])]
        rows.append(
            [system.name, figure(alpha, "alpha_raters"), figure(alpha, "alpha_all"), figure(wins, "all"), *each]
        )
    people = [f"against person {person + 1}" for person in range(corpus.said.shape[1])]
    return Table(
        name="T8", title="The model as one more person", rows=rows,
        columns=("system", "α of people", "α with the model", "wins", *people),
        notes=["Wins: how often more of the others gave the model's label than the held-out person's; ties count half. "
               "0.5 is as good as a person. Person 1 to 3 are columns of the table, not the same people throughout."],
    )  # fmt: skip


def t9(corpus: Corpus, systems: Sequence[System], intervals: Intervals) -> Table | None:
    """Whether labels follow what a rewriting meant, or what people perceive; None without rewritten texts."""
    intended = corpus.notes("intended")
    if intended is None or not any(intended):
        return None
    codes = np.array([LABELS.index(label) if label in LABELS else -1 for label in intended])
    variants = Corpus(name=corpus.name, samples=tuple(
        sample for sample, code in zip(corpus.samples, codes, strict=True) if code >= 0))  # fmt: skip
    meant = codes[codes >= 0]
    others = strict.relaxed(variants, None, intervals)
    follows = strict.means(variants, {"meant": (variants.said == meant[:, None]).mean(axis=1)}, intervals)
    rows: list[list[Cell]] = [[HUMAN, figure(follows, "meant"), _pairs(variants, intervals), figure(others, "others")]]
    for system in systems:
        if system.choice is None:
            continue
        choice = system.choice[codes >= 0]
        columns = {"meant": choice == meant, "perceived": (variants.said == choice[:, None]).mean(axis=1)}
        measures = strict.means(variants, columns, intervals)
        near = strict.relaxed(variants, choice, intervals)
        rows.append([system.name, figure(measures, "meant"), figure(measures, "perceived"), figure(near, "others")])
    return Table(
        name="T9", title=f"Manipulation: {len(variants)} texts rewritten to evoke an emotion", rows=rows,
        columns=("system", "as was meant", "as a person perceives", "as any of two others"),
        notes=["On the whole release, 13.6 % of people's labels are the emotion that the rewriting was asked for."],
    )  # fmt: skip


def _pairs(corpus: Corpus, intervals: Intervals) -> Cell:
    return figure(agreement.pairwise(corpus, intervals), "emotion")
