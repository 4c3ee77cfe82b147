"""Explanations of models too small to write: they choose among sentences that were measured and are borne out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from affekt import Clue, Evidence
from affekt_clues.claims import TIMES, number
from affekt_clues.reason import Reason
from affekt_clues.words import cited
from torch import Tensor

from affekt_emotion_llama import measured, scoring
from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.prompt import answer_ids
from affekt_emotion_llama.rationale import NOTHING

MOST_SENTENCES = 3
"""Sentences that a model chooses."""
CLEAR = 0.2
"""How far, in nats, a sentence alone must raise a label to be quoted for it."""

Span = tuple[float, float]


def chosen(
    model: EmotionLlama, why: Tensor, found: Sequence[str], beginning: scoring.Beginning | None
) -> Iterator[str]:
    """The sentences that the model finds likeliest per token, in order of time.

    Args:
        why: the prompt that asks for an explanation, with its lead; embeddings [position, hidden].
        found: the sentences to choose from.
        beginning: what of the prompt was read already.
    """
    if not found:
        yield f" {NOTHING}"
        return
    answers = [answer_ids(model.tokenizer, sentence, end=False) for sentence in found]
    if beginning is not None:
        (row,) = scoring.ask(model.plain, beginning, [why], [answers])
    else:
        (row,) = scoring.log_probabilities(model.plain, [why], answers)
    likely = [float(score) / len(answer) for score, answer in zip(row, answers, strict=True)]
    best = sorted(range(len(found)), key=lambda index: -likely[index])[:MOST_SENTENCES]
    yield from (f" {found[index]}" for index in sorted(best, key=lambda index: _begins(found[index])))


def quotable(
    known: Evidence,
    slot: str,
    label: str,
    span: Span | None,
    judge: Callable[[Sequence[Evidence]], list[dict[str, float]]],
    expected: Mapping[str, float],
    fusion: Loaded,
    device: str,
) -> list[Reason]:
    """What is said, as reasons for a label: the sentences that, read alone, speak for it.

    Args:
        slot: of the sentence vectors.
        span: the stretch of the clip that is explained.
        judge: scores evidence.
        expected: share of every label before any evidence.
    """
    features, found = known.features[slot], []
    for row, (begin, end) in enumerate(features.clock().tolist()):
        if span is not None and end > begin and min(end, span[1]) - max(begin, span[0]) < 0.5 * (end - begin):
            continue
        own = replace(features, values=features.values[row : row + 1], hop=1.0, start=0.0, spans=None)
        alone = replace(known, features={slot: own}, fused=None)
        (scores,) = judge([replace(alone, fused=fuse(fusion, [alone], device)[0])])
        clear = np.log(scores[label] / expected[label])
        quoted = measured.quotation(known, begin, end)
        if quoted and clear >= CLEAR and scores[label] >= 0.9 * max(scores.values()):
            clue = Clue(modality="text", start=begin, end=end, text=cited(known.clip, quoted), checked=False)
            found.append(Reason(clue=clue, supports=(label,), strength=min(1.0, float(clear) / 2)))
    return found


def _begins(sentence: str) -> float:
    found = TIMES.search(sentence)
    return number(found[1]) if found else 0.0
