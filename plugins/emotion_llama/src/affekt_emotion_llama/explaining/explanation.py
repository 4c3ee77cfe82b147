"""A language model's explanation, read claim by claim, each looked up in the evidence.

What was measured and contradicts a claim takes its clause out of the text, and nothing else with it. What it bears out
stands, and so does what nothing in this evidence can decide; the clues say which is which. Of a small model, which
makes things up more often, only what is borne out stands.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from affekt import Clue, Evidence, Modality
from affekt_clues.claims import Claim, claims, measured_reasons
from affekt_clues.clauses import Span, sentences, without
from affekt_clues.contradiction import Verdict

from affekt_emotion_llama.explaining.labels import forms_of, named

LOOP = re.compile(r"\s*\b(\w+(?:\W+\w+){0,3}?)(?:\W+\1\b){3,}", re.IGNORECASE)
"""A word, or a few, over and over: the model has lost its thread."""


MIXED = re.compile(
    r"\b(?:face|expression)\b(?:(?!\b(?:voice|tone|pitch|speech)\b)[^.;,])*\b(?:syllables a second|semitones|dB)\b",
    re.IGNORECASE,
)
"""A face that is said to have a pitch, a loudness or a pace."""
PLAIN = {"neutral": ("normal", "natural", "even", "calm"), "calm": ("normal", "natural", "gentle")}
"""Label → further words for a voice that sounds, or a face that looks, like it."""


@dataclass(frozen=True)
class Explanation:
    """A text and what became of it."""

    text: str
    """The text without the clauses that the evidence contradicts."""
    clues: tuple[Clue, ...]
    """Every claim once, in order of time; `checked` where the evidence bears it out."""
    verdicts: tuple[Verdict, ...] = ()
    """What the evidence says of each clue."""
    removed: int = 0
    """Clauses that were left out because the evidence contradicts them."""
    struck: tuple[str, ...] = ()
    """The clauses that were left out."""
    loops: int = 0
    """Stretches that were left out because they repeat one thing over and over."""

    @property
    def borne_out(self) -> float | None:
        """The share of claims that the evidence bears out, among those it can decide; None where it decides none."""
        decided = [verdict for verdict in self.verdicts if verdict != "unmeasurable"]
        return decided.count("supported") / len(decided) if decided else None


def joined(parts: Sequence[Explanation]) -> Explanation:
    """Several explanations as one, in their order."""
    own = dict.fromkeys(pair for part in parts for pair in zip(part.clues, part.verdicts, strict=True))
    return Explanation(
        text=" ".join(part.text for part in parts if part.text),
        clues=tuple(clue for clue, _ in own),
        verdicts=tuple(verdict for _, verdict in own),
        removed=sum(part.removed for part in parts),
        struck=tuple(clause for part in parts for clause in part.struck),
        loops=sum(part.loops for part in parts),
    )


def read(text: str, evidence: Evidence, alone: Mapping[Modality, str] | None = None) -> Explanation:
    """Reads a text claim by claim.

    Args:
        alone: modality → the label that it makes likeliest by itself, which bears out that the voice sounds, or the
            face looks, like it.
            Given, every claim that is not borne out is struck; else only what is contradicted.
    """
    reasons = measured_reasons(evidence)
    kept: list[str] = []
    stated: list[Claim] = []
    struck: list[str] = []
    written: set[str] = set()
    loops = 0

    def own_claims(piece: str) -> list[Claim]:
        return [_by_itself(claim, alone or {}) for claim in claims(piece, evidence, reasons)]

    def judged(piece: str) -> tuple[bool, list[Span]]:
        own = own_claims(piece)
        fails = ("contradicted",) if alone is None else ("contradicted", "unmeasurable")
        mixed = alone is not None and MIXED.search(piece) is not None
        return mixed or any(claim.verdict in fails for claim in own), [claim.span for claim in own]

    for sentence in sentences(" ".join(text.split())):
        cleaned, repeated = LOOP.subn("", sentence)
        loops += repeated
        if alone is not None and (_again(cleaned, written) or not re.search(r"[.!?…][\"”’')]*\s*$", cleaned)):
            continue  # of what a small model repeats or leaves unfinished
        if repeated and not re.search(r"\w", cleaned):
            continue
        stated += own_claims(cleaned)
        remainder, gone = without(cleaned, judged)
        kept.append(remainder)
        struck += gone
    unique = {(claim.clue.modality, claim.clue.text, round(claim.clue.start, 1)): claim for claim in stated}
    ordered = sorted(unique.values(), key=lambda claim: (claim.clue.start, claim.clue.end))
    return Explanation(
        text=" ".join("".join(kept).split()),
        clues=tuple(claim.clue for claim in ordered),
        verdicts=tuple(claim.verdict for claim in ordered),
        removed=len(struck),
        struck=tuple(struck),
        loops=loops,
    )


def _again(sentence: str, written: set[str]) -> bool:
    """Whether it was written before; it has been, from now on."""
    words = " ".join(re.findall(r"\w+", sentence.lower()))
    repeated = words in written
    written.add(words)
    return repeated


def _by_itself(claim: Claim, alone: Mapping[Modality, str]) -> Claim:
    """A claim about how the voice sounds or the face looks, which its own likeliest label bears out or not."""
    modality = claim.clue.modality
    if claim.verdict != "unmeasurable" or modality not in ("audio", "face") or modality not in alone:
        return claim
    words = (*forms_of(alone[modality]), *PLAIN.get(alone[modality], ()))
    if not named(claim.clue.text, {alone[modality]: words}):
        return claim
    return replace(claim, verdict="supported", clue=replace(claim.clue, checked=True))
