"""How often people name each label on texts that nobody labelled, from what a system answers there.

Under label shift (labels are rarer or more frequent than they were, texts of one label look as they did) the system's
own errors need not bias the estimate. `by_em` needs the rates that its probabilities were made for, `by_bbse` labelled
texts on which its errors are known. Neither reads a label of the texts whose rates are asked for.
"""

import numpy as np
from jaxtyping import Float64, Int64
from scipy.optimize import nnls  # type: ignore[import-untyped]

from affekt_benchmark.arguments.corpus import Corpus
from affekt_benchmark.arguments.systems import System

STEPS = 1000
CLOSE = 1e-9
"""EM ends where no rate moves by more."""
LEAST = 1e-6
Rates = Float64[np.ndarray, "label"]


def by_em(probabilities: Float64[np.ndarray, "text label"], source: Rates) -> Rates:
    """The rates that make what is seen likeliest (Saerens, Latinne & Decaestecker, 2002, equations 2.2 to 2.4).

    Args:
        probabilities: of the labels of each text, as the classifier gives them.
        source: the rates of the labels under which these probabilities are calibrated.
    """
    likelihoods = np.maximum(probabilities, LEAST) / np.maximum(source, LEAST)
    rates: Rates = np.maximum(source, LEAST) / np.maximum(source, LEAST).sum()
    for _ in range(STEPS):
        posteriors = likelihoods * rates
        moved = (posteriors / posteriors.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(moved - rates).max() < CLOSE:
            break
        rates = moved
    return rates


def by_bbse(
    known: Float64[np.ndarray, "known label"],
    shares: Float64[np.ndarray, "known label"],
    asked: Float64[np.ndarray, "text label"],
) -> Rates:
    """The rates under which the system's known errors give what it answers (Lipton, Wang & Smola, 2018, section 4).

    It is their soft variant, which reads probabilities; the equations are solved with weights that are not negative.

    Args:
        known: probabilities of texts whose labels are known.
        shares: how many people gave each label there.
        asked: probabilities of the texts whose rates are asked for.
    """
    confusion = known.T @ shares / len(known)  # what is answered in rows, what people say in columns
    weights, _ = nnls(confusion, asked.mean(axis=0))
    rates = weights * shares.mean(axis=0)
    estimate: Rates = rates / max(rates.sum(), LEAST)
    return estimate


def estimated(corpus: Corpus, system: System, folds: Int64[np.ndarray, "text"]) -> dict[str, Rates]:
    """The rates of the labels on the whole corpus: as the system names them, by EM and by BBSE.

    Each fold is estimated as if nobody had labelled it, and folds are averaged by their sizes. EM knows the rates of
    the folds that the system learnt from, BBSE the system's errors there.
    """
    assert system.probabilities is not None
    assert system.choice is not None
    probabilities, size = system.probabilities, system.probabilities.shape[1]
    source = np.full(probabilities.shape, 1 / size) if system.expected is None else system.expected
    em, bbse = np.zeros(size), np.zeros(size)
    for fold in np.unique(folds):
        kept, asked = folds != fold, folds == fold
        em += asked.mean() * by_em(probabilities[asked], source[asked][0])
        bbse += asked.mean() * by_bbse(probabilities[kept], corpus.shares[kept], probabilities[asked])
    return {
        "as named": np.bincount(system.choice, minlength=size) / len(corpus),
        "EM": em,
        "BBSE": bbse,
    }
