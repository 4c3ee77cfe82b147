"""The explanation in sentences: templates over what was found, not a language model, so nothing else can be said."""

from collections.abc import Sequence

import numpy as np
from affekt import Clue
from affekt_clues import phrasing
from jaxtyping import Float64

from affekt_heads.emotions import EMOTIONS
from affekt_heads.hearing import Hearing
from affekt_heads.timeline import Stretch


def compose(
    hearing: Hearing,
    scores: Float64[np.ndarray, "emotion"],
    stretches: Sequence[Stretch],
    clues: Sequence[Clue],
    abstained: str | None,
) -> str:
    """What is felt, why, what disagrees and what was missing."""
    throughout = " for the whole" if len(stretches) > 1 else ""
    sentences = [f"Nothing is claimed{throughout}: {abstained}." if abstained else ""]
    if len(stretches) > 1:
        sentences.append(
            phrasing.changes([stretch.emotion for stretch in stretches], [stretch.end for stretch in stretches])
        )
    else:
        named = dict(zip(EMOTIONS, scores.tolist(), strict=True))
        sentences.append(phrasing.headline(named, tentative=abstained is not None))
    mentioned: set[Clue] = set()
    for stretch in stretches:
        fresh = [clue for clue in clues if clue.checked and clue not in mentioned and _belongs(clue, stretch)]
        mentioned.update(fresh)
        title = stretch.emotion.capitalize() if len(stretches) > 1 else "What speaks for it"
        sentences.append(phrasing.because(title, fresh))
    shares = {opinion.modality: opinion.shares(hearing.prior) for opinion in hearing.opinions}
    sentences.append(phrasing.alone({m: (EMOTIONS[int(own.argmax())], float(own.max())) for m, own in shares.items()}))
    sentences.append(phrasing.which_words(hearing.evidence.clip) if "text" in shares else "")
    sentences.append(phrasing.whose_face(hearing.evidence.clip) if "face" in shares else "")
    sentences += [phrasing.silences(hearing.unheard), phrasing.instead(hearing.unheard)]
    return " ".join(filter(None, sentences))


def _belongs(clue: Clue, stretch: Stretch) -> bool:
    shared = min(clue.end, stretch.end) - max(clue.start, stretch.start)
    return shared >= 0.5 * (clue.end - clue.start)
