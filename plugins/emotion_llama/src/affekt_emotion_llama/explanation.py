"""A language model's explanation, read claim by claim, each looked up in the evidence.

A claim is an action unit or its description, a statement about pitch, loudness or pace, or a quotation. Where the text
gives no time, the time is where the evidence shows it. A sentence with a claim that the evidence does not bear out is
left out of the rationale, and its claim is kept as an unchecked clue.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from affekt import Clue, Evidence
from affekt_clues.check import QUOTED, is_in
from affekt_clues.facs import PHRASES, code
from affekt_clues.reason import Reason

from affekt_emotion_llama.measured import reasons

TIMES = re.compile(r"(?:from )?(\d+(?:\.\d+)?) (?:to|until|-) (\d+(?:\.\d+)?) ?s\b")
SENTENCE = re.compile(r"[^.;!?]+(?:\.\d[^.;!?]*)*[.;!?]*\s*")
BROKEN = re.compile(r"\b(\w+)(?:\W+\1\b){3,}", re.IGNORECASE)
"""A word over and over: the model has lost its thread."""
STILL = re.compile(r"\bthe (?:[^.;]*? hardly rise|face hardly moves)\b", re.IGNORECASE)
"""A face at rest: one claim, not one that each named unit rises."""
MERR = {
    "AU01": ("inner brow", "eyebrow raised", "eyebrows raised", "raised eyebrow"),
    "AU02": ("outer brow",),
    "AU04": ("brow lowerer", "frown", "furrow", "lower eyebrows", "lowered brow"),
    "AU05": ("eyes widen", "widened eyes", "wide eyes", "upper lid"),
    "AU06": ("cheek raiser", "cheeks raised", "raised cheeks"),
    "AU07": ("lid tighten",),
    "AU09": ("nose wrinkle", "wrinkled nose", "wrinkles the nose"),
    "AU10": ("upper lip rais", "raised upper lip"),
    "AU12": ("smil", "grin", "lip corner puller", "lip corners up"),
    "AU15": ("lip corner depressor", "downturned", "corners of the mouth down", "lip corners down"),
    "AU17": ("chin raiser", "raised chin"),
    "AU20": ("lip stretch", "stretched lips"),
    "AU23": ("lip tighten", "tight lips", "lips tight"),
    "AU26": ("jaw drop", "wide-mouthed", "mouth open"),
}
"""Action unit → further words for it, after MERR's table of descriptions (the paper's Table 11), shortened."""
VOICE = (
    (r"\b(pitch|voice)\b[^,.;]*?\b(above|higher|high-pitched|rises|raised|high)\b", "semitones above"),
    (r"\b(pitch|voice)\b[^,.;]*?\b(below|lower|low-pitched|falls|drops|low)\b", "semitones below"),
    (r"\b(louder|loud|loudly|shouts?|shouting)\b", "louder"),
    (r"\b(softer|soft|softly|quiet|quieter|quietly|whispers?)\b", "softer"),
    (r"\b(speech|speaks?|voice|talks?)\b[^,.;]*?\b(faster|fast|quickly|rapid|rapidly|hurried)\b", "faster"),
    (r"\b(speech|speaks?|voice|talks?)\b[^,.;]*?\b(slower|slow|slowly)\b", "slower"),
    (r"\b(pitch|voice|tone)\b[^,.;]*?\b(hardly moves|monotone|monotonous|flat|even)\b", "hardly moves"),
    (r"\b(pitch|voice|tone)\b[^,.;]*?\b(swings|varies widely|lively)\b", "swings widely"),
    (r"\b(voice|tone)\b[^,.;]*?\b(forceful|pressed|strained|harsh)\b", "is forceful"),
    (r"\b(voice|tone)\b[^,.;]*?\b(relaxed|gentle)\b", "is relaxed"),
    (r"\b(voice|tone)\b[^,.;]*?\b(rough|hoarse)\b", "is rough"),
    (r"\b(voice|tone)\b[^,.;]*?\b(smooth)\b", "is smooth"),
)
"""Words about a voice → the measured statement that must be found."""
OTHER_VOICE = re.compile(r"\b(tone|voice|intonation)\b[^,.;]*\b(\w+(?:ing|ed|y|ful|ous|ive|al))\b", re.IGNORECASE)


@dataclass(frozen=True)
class Explanation:
    """A text and what became of it."""

    text: str
    """The sentences that stand: every claim in them is borne out, or they make none."""
    clues: tuple[Clue, ...]
    """Every claim; `checked` where the evidence bears it out."""
    removed: int = 0
    """Sentences that were left out."""

    @property
    def borne_out(self) -> float | None:
        """The share of claims in the evidence; None where there are none."""
        return sum(clue.checked for clue in self.clues) / len(self.clues) if self.clues else None


def joined(parts: Sequence[Explanation]) -> Explanation:
    """Several explanations as one, in their order."""
    return Explanation(
        text=" ".join(part.text for part in parts if part.text),
        clues=tuple(dict.fromkeys(clue for part in parts for clue in part.clues)),
        removed=sum(part.removed for part in parts),
    )


def read(text: str, evidence: Evidence) -> Explanation:
    """Reads a text claim by claim."""
    known = reasons(evidence)
    kept, found, removed = [], [], 0
    for sentence in SENTENCE.findall(" ".join(text.split())):
        own = [_looked_up(claim, evidence, known) for claim in _claims(sentence, evidence)]
        found += own
        if all(clue.checked for clue in own) and not BROKEN.search(sentence):
            kept.append(sentence.strip())
        else:
            removed += 1
    unique = {(clue.modality, clue.text, round(clue.start, 1)): clue for clue in found}
    ordered = sorted(unique.values(), key=lambda clue: (clue.start, clue.end))
    return Explanation(text=" ".join(filter(None, kept)), clues=tuple(ordered), removed=removed)


def _claims(sentence: str, evidence: Evidence) -> Iterator[Clue]:
    end = evidence.clip.duration
    for quoted in QUOTED.finditer(sentence):
        start, stop = _times(sentence, quoted.end()) or (0.0, end)
        yield Clue(modality="text", start=start, end=stop, text=f"the words “{quoted[1]}”", checked=False)
    bare = QUOTED.sub(lambda match: " " * len(match[0]), sentence)
    for rest in STILL.finditer(bare):
        start, stop = _times(bare, rest.end()) or (-1.0, -1.0)
        yield Clue(modality="face", start=start, end=stop, text=rest[0][0].lower() + rest[0][1:], checked=False)
    bare = STILL.sub(lambda match: " " * len(match[0]), bare)
    for unit, place in _units(bare):
        start, stop = _times(bare, place) or (-1.0, -1.0)
        statement = PHRASES.get(unit, "the unit rises")
        yield Clue(modality="face", start=start, end=stop, text=f"{statement} ({unit})", checked=False)
    for statement, place in _voices(bare):
        start, stop = _times(bare, place) or (-1.0, -1.0)
        yield Clue(modality="audio", start=start, end=stop, text=statement, checked=False)


def _units(sentence: str) -> Iterator[tuple[str, int]]:
    """Action units that are claimed to rise, each once, and where their mention ends."""
    lower = sentence.lower()
    found: dict[str, int] = {}
    for match in re.finditer(r"\bau(\d{1,2})\b", lower):
        found.setdefault(code(f"AU{match[1]}"), match.end())
    for unit in PHRASES:
        for phrase in (PHRASES[unit].removeprefix("the "), *MERR.get(unit, ())):
            if (place := lower.find(phrase)) >= 0:
                found.setdefault(unit, place + len(phrase))
    yield from found.items()


def _voices(sentence: str) -> Iterator[tuple[str, int]]:
    claimed = False
    for pattern, statement in VOICE:
        if match := re.search(pattern, sentence, re.IGNORECASE):
            claimed = True
            amount = re.search(r"\d+(?:\.\d+)? (?:semitones|dB|syllables a second)", sentence[match.start() :])
            yield (f"{amount[0]} {statement}" if amount else statement), match.end()
    if not claimed and (match := OTHER_VOICE.search(sentence)):
        yield match[0], match.end()


def _times(sentence: str, place: int) -> tuple[float, float] | None:
    """The first span of time after a place, if it stands before the next claim's comma."""
    match = TIMES.search(sentence, place)
    if match is None or len(sentence[place : match.start()]) > 70:
        return None
    return float(match[1]), float(match[2])


def _looked_up(claim: Clue, evidence: Evidence, known: Sequence[Reason]) -> Clue:
    """The claim as the evidence words it, checked; or unchanged and unchecked, over the whole clip."""
    if claim.modality == "text":
        return _quotation(claim, evidence)
    fitting = [one.clue for one in known if one.clue.modality == claim.modality and _same(claim, one.clue)]
    timed = claim.start >= 0
    if timed:
        overlapping = [clue for clue in fitting if min(clue.end, claim.end) > max(clue.start, claim.start)]
        fitting = overlapping
    checked = [clue for clue in fitting if is_in(evidence, clue)]
    if checked:
        best = max(checked, key=lambda clue: clue.end - clue.start)
        return replace(best, checked=True)
    whole = {"start": claim.start, "end": claim.end} if timed else {"start": 0.0, "end": evidence.clip.duration}
    own = replace(claim, **whole)  # type: ignore[arg-type]
    own = replace(own, start=max(0.0, own.start), end=min(max(own.end, 0.0), evidence.clip.duration))
    return replace(own, checked=own.end >= own.start and is_in(evidence, own))


def _same(claim: Clue, measured: Clue) -> bool:
    if claim.modality == "face" and " hardly " in claim.text:
        return claim.text == measured.text
    if claim.modality == "face":
        return f"({claim.text.rpartition('(')[2]}" in measured.text and "hardly rise" not in measured.text
    parts = re.fullmatch(r"(?:(\d+(?:\.\d+)?) \S+(?: a second)? )?(.+)", claim.text)
    if parts is None:
        return False
    statement = parts[2].removeprefix("semitones ")
    amount = re.search(r"\d+(?:\.\d+)?", measured.text)
    if parts[1] and amount and abs(float(parts[1]) - float(amount[0])) > max(0.5, 0.25 * float(parts[1])):
        return False
    return statement in measured.text


def _quotation(claim: Clue, evidence: Evidence) -> Clue:
    timed = is_in(evidence, claim)
    if timed or not evidence.clip.words:
        return replace(claim, checked=timed)
    whole = replace(claim, start=0.0, end=evidence.clip.duration)
    return replace(whole, checked=is_in(evidence, whole))
