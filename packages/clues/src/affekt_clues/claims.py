"""What an explanation claims of face, voice and words, and whether the evidence supports it or speaks against it.

A claim is an action unit or a description of it, a statement about pitch, loudness, pace or the sound of a voice, or a
quotation; also that such a thing is not there. Where the text gives no time, the time is where the evidence shows it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from affekt import Clue, Evidence

from affekt_clues import face, sounds, voice
from affekt_clues.check import QUOTED, is_in
from affekt_clues.clauses import Span
from affekt_clues.contradiction import Verdict, of_face, of_voice
from affekt_clues.facs import PHRASES, STAYS, code
from affekt_clues.reason import Reason
from affekt_clues.words import cited

NUMBER = r"(\d+(?:[. ]\d+)?)"
"""A number, also without its point: upstream's training targets have "2 5" for 2.5."""
TIMES = re.compile(rf"(?:from )?{NUMBER} (?:to|until|-) {NUMBER} ?s\b")
AMOUNT = re.compile(rf"{NUMBER} (semitones|dB|syllables a second)", re.IGNORECASE)
STILL = re.compile(
    r"\b(?:the|his|her|their) ((?:(?!\b(?:voice|tone|pitch|speech)\b)[^.;])*? hardly rise|face hardly moves)\b",
    re.IGNORECASE,
)
"""A face at rest: one claim, not one that each named unit rises."""
NEGATION = re.compile(
    r"\b(not|no|never|neither|nor|without|isn't|doesn't|don't|hardly|rather than|instead of)\b"
    r"(?:(?!\bbut\b|\band (?:the|his|her|their|he|she|they)\b)[^.,;!?]){0,24}$"
)
"""A denial before a word, which another subject ends: "the pitch hardly moves and the voice is smooth"."""
SAYING = re.compile(
    r"\b(say|says|said|saying|ask|asks|exclaims?|shouts?|whispers?|mentions?|utters?|words?|phrases?|subtitles?|lines?|"
    r"sentences?|transcript)\b",
    re.IGNORECASE,
)
MERR: dict[str, tuple[str, ...]] = {
    "AU01": ("inner brow", "eyebrow raised", "eyebrows raised", "raised eyebrow", "raises? (?:the |his |her )?eyebrow"),
    "AU02": ("outer brow",),
    "AU04": ("brow lowerer", "frown", "furrow", "lowers? (?:the |his |her )?(?:eye)?brow", "lowered (?:eye)?brow"),
    "AU05": ("eyes widen", "widened eyes", "wide eyes", "upper lid"),
    "AU06": ("cheek raiser", "cheeks raised", "raised cheeks"),
    "AU07": ("lid tighten",),
    "AU09": ("nose wrinkle", "wrinkled nose", "wrinkles? (?:the |his |her )?nose"),
    "AU10": ("upper lip rais", "raised upper lip"),
    "AU12": ("smil\\w*", "grin", "lip corner puller", "lip corners up"),
    "AU15": ("lip corner depressor", "downturned", "corners of the mouth down", "lip corners down"),
    "AU17": ("chin raiser", "raised chin"),
    "AU20": ("lip stretch", "stretched lips"),
    "AU23": ("lip tighten", "tight lips", "lips tight"),
    "AU26": ("jaw drop", "wide-mouthed", "mouth open", "open mouth"),
}
"""Action unit → further words for it, after MERR's table of descriptions (the paper's Table 11), shortened."""
OF_FACE = r"(?! (?:eye)?brow| \w*lip| cheek)"
"""What is raised is no voice, but a brow, a lip or a cheek."""
NEAR = r"(?:(?!\b(?:face|eyes?|eyebrows?|brows?|lids?|lips?|mouth|jaw|cheeks?)\b)[^,.;])*?"
"""Words between a voice and what is said of it: none about a face."""
VOICE: tuple[tuple[str, str, bool], ...] = (
    (rf"\b(pitch|voice)\b{NEAR}\b(above|higher|rises)\b", "semitones above", True),
    (rf"\b(pitch|voice|tone)\b{NEAR}\b(high pitched|raised{OF_FACE}|high(?! spirits))\b", "semitones above", False),
    (r"\bhigh-pitched\b", "semitones above", False),
    (rf"\b(pitch|voice)\b{NEAR}\b(below|lower|falls|drops)\b", "semitones below", True),
    (rf"\b(pitch|voice|tone)\b{NEAR}\b(low-pitched|low)\b", "semitones below", False),
    (r"\blouder\b", "louder", True),
    (r"\b(loud|loudly|shouts?|shouting)\b", "louder", False),
    (r"\b(softer|quieter)\b", "softer", True),
    (r"\b(soft|softly|quiet|quietly)\b", "softer", False),
    (r"\bwhisper\w*\b", "the voice is a whisper", True),
    (rf"\b(speech|speaks?|voice|talks?)\b{NEAR}\bfaster\b", "faster", True),
    (rf"\b(speech|speaks?|voice|talks?)\b{NEAR}\b(fast|quickly|rapid|rapidly|hurried)\b", "faster", False),
    (rf"\b(speech|speaks?|voice|talks?)\b{NEAR}\bslower\b", "slower", True),
    (rf"\b(speech|speaks?|voice|talks?)\b{NEAR}\b(slow|slowly)\b", "slower", False),
    (
        rf"\b(pitch|voice|tone)\b{NEAR}\b(hardly moves|monotone|monotonous|flat|even(?! \w+er\b))\b",
        "hardly moves",
        True,
    ),
    (rf"\b(pitch|voice|tone)\b{NEAR}\b(swings|varies widely|lively)\b", "swings widely", True),
    (rf"\b(voice|tone)\b{NEAR}\b(forceful|pressed|strained|harsh)\b", "is forceful", True),
    (rf"\b(voice|tone)\b{NEAR}\b(relaxed|gentle)\b", "is relaxed", True),
    (rf"\b(voice|tone)\b{NEAR}\b(rough|hoarse)\b", "is rough", True),
    (rf"\b(voice|tone)\b{NEAR}\bsmooth\b", "is smooth", True),
)
"""Words about a voice → the measured statement, and whether it compares or names what is measured as such. A voice that
is just called loud or high may be so from beginning to end, which says nothing of its changes."""
UNITS = {"semitones": "semitones|moves|widely", "dB": "louder|softer|^is ", "syllables a second": "faster|slower"}
"""Unit → the statements that it measures."""
OTHER_VOICE = re.compile(
    r"\b(?:tone|voice|intonation)\b (?:of voice )?(?:is|was|sounds?|seems?|appears?|becomes?|remains?)\b"
    r"(?: (?!that\b)\w+){0,2}? \w+(?:ing|ed|y|ful|ous|ive|al)\b"
    r"|\b\w+(?:ing|ed|y|ful|ous|ive|al) (?:tone|voice|intonation)\b",
    re.IGNORECASE,
)
"""A voice that is called something which nothing here measures."""
OTHER_FACE = re.compile(
    r"\b(?:face|expression)\b (?:is|was|looks?|seems?|appears?|becomes?|remains?|shows?|expresses)\b"
    r"(?: (?:a|an|the|to be|of|very|rather|quite|somewhat|slightly|mostly|signs of))* \w+"
    r"|\b(?!facial\b)(?:sad|calm|\w+(?:ing|ed|y|ful|ous|ive|al)) (?:face|(?:facial )?expression)\b",
    re.IGNORECASE,
)
"""A face that is called something, where no action unit is named."""
FACS = frozenset(range(1, 99)) - {3, 8, 47, 48, 49, 50, 90, 91, 92}
"""Numbers of the action units and descriptors of FACS."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a text says of the clip, and what the evidence says of it."""

    clue: Clue
    """The clue as the evidence words it where it supports it; `checked` then, and only then."""
    verdict: Verdict
    span: Span
    """Where it stands in the text, in characters."""


def claims(text: str, evidence: Evidence, reasons: Sequence[Reason] | None = None) -> list[Claim]:
    """The claims of a clause or sentence.

    Args:
        reasons: what was measured (`measured_reasons`), where it is known already.
    """
    reasons_known = measured_reasons(evidence) if reasons is None else reasons
    return [
        *_quotations(text, evidence),
        *(_looked_up(statement, evidence, reasons_known) for statement in _statements(_blank(QUOTED, text), evidence)),
    ]


def measured_reasons(evidence: Evidence) -> list[Reason]:
    """Everything that face and voice do in the clip; features are known by the names of their columns."""
    measured = list(sounds.reasons(evidence.clip))
    for features in evidence.features.values():
        if features.names:
            measured += [*face.reasons(features, evidence.clip.faces), *voice.reasons(features)]
    return within_clip(measured, evidence)


def within_clip(reasons: Iterable[Reason], evidence: Evidence) -> list[Reason]:
    """The reasons without what lies beyond the clip: the last row of features often lasts longer than the clip does."""
    clip = evidence.clip
    end = float("inf") if clip.audio is None and clip.video is None else clip.duration
    return [
        replace(reason, clue=replace(reason.clue, end=min(reason.clue.end, end)))
        for reason in reasons
        if reason.clue.start <= end
    ]


@dataclass(frozen=True, kw_only=True)
class _Statement:
    clue: Clue
    span: Span
    denied: bool = False
    compares: bool = True
    timed: bool = True


def _statements(bare: str, evidence: Evidence) -> Iterator[_Statement]:
    """What is said of face and voice, not looked up yet."""
    for still in STILL.finditer(bare):
        yield _at("face", f"the {still[1]}", bare, still.span(), evidence)
    bare = _blank(STILL, bare)
    units = list(_units(bare))
    for unit, span in units:
        stays = unit in STAYS and STAYS[unit].removeprefix("the ") in bare.lower()
        statement = STAYS[unit] if stays else PHRASES.get(unit, "the unit rises")
        yield _at("face", f"{statement} ({unit})", bare, span, evidence)
    if not units and (match := OTHER_FACE.search(bare)):
        yield _at("face", match[0], bare, match.span(), evidence)
    voices = list(_voices(bare, evidence))
    yield from voices
    if not voices and (match := OTHER_VOICE.search(bare)):
        yield _at("audio", match[0], bare, match.span(), evidence)


def _at(modality: str, text: str, bare: str, span: Span, evidence: Evidence, compares: bool = True) -> _Statement:
    times = _times(bare, span[1])
    start, end = times or (0.0, _end(evidence))
    return _Statement(
        clue=Clue(modality=modality, start=start, end=end, text=text, checked=False),  # type: ignore[arg-type]
        span=span,
        denied=bool(NEGATION.search(bare[: span[0]].lower())),
        compares=compares or times is not None,
        timed=times is not None,
    )


def _units(bare: str) -> Iterator[tuple[str, Span]]:
    """Action units that are claimed to rise or to stay high, each once, and where they are mentioned."""
    lower = bare.lower()
    spans: dict[str, Span] = {}
    for named in re.finditer(r"\bau(\d{1,2})\b", lower):
        spans.setdefault(code(f"AU{named[1]}"), named.span())
    for unit in PHRASES:
        own = [phrases[unit].removeprefix("the ") for phrases in (PHRASES, STAYS) if unit in phrases]
        for phrase in (*own, *MERR.get(unit, ())):
            if match := re.search(rf"\b(?:{phrase})", lower):
                begin, end = spans.get(unit, match.span())
                spans[unit] = min(begin, match.start()), max(end, match.end())
    yield from spans.items()


def _voices(bare: str, evidence: Evidence) -> Iterator[_Statement]:
    statements: set[str] = set()
    for pattern, statement, compares in VOICE:
        match = re.search(pattern, bare, re.IGNORECASE)
        if match is None or statement in statements:
            continue
        statements.add(statement)
        amount = _amount(bare, statement, match.start())
        text = f"{amount} {statement.removeprefix('semitones ')}" if amount else statement
        yield _at("audio", text, bare, match.span(), evidence, compares=compares or amount is not None)


def _amount(bare: str, statement: str, position: int) -> str | None:
    """The amount nearest to a place that a statement may have: "5 semitones"."""
    unit = next((unit for unit, phrase in UNITS.items() if re.search(phrase, statement)), None)
    amounts = [match for match in AMOUNT.finditer(bare) if match[2].lower() == (unit or "").lower()]
    nearest = min(amounts, key=lambda match: abs(match.start() - position), default=None)
    return None if nearest is None else f"{number(nearest[1]):g} {unit}"


def _end(evidence: Evidence) -> float:
    """The end of the clip, or of what was measured in it where the clip itself is not at hand."""
    ends = [float(features.clock()[-1, 1]) for features in evidence.features.values() if len(features.values)]
    return max([evidence.clip.duration, *ends])


def _times(bare: str, position: int) -> tuple[float, float] | None:
    """The first span of time after a place, if it stands before the next claim's comma."""
    match = TIMES.search(bare, position)
    if match is None or len(bare[position : match.start()]) > 70:
        return None
    start = number(match[1])
    return start, max(start, number(match[2]))


def number(written: str) -> float:
    """What `NUMBER` matched."""
    return float(written.replace(" ", "."))


def _looked_up(claimed: _Statement, evidence: Evidence, reasons: Sequence[Reason]) -> Claim:
    """The claim as the evidence words it; over the whole clip where it is not there and no time is given."""
    fitting = [
        reason.clue
        for reason in reasons
        if reason.clue.modality == claimed.clue.modality and _same(claimed.clue, reason.clue)
    ]
    if claimed.timed:
        fitting = [clue for clue in fitting if min(clue.end, claimed.clue.end) > max(clue.start, claimed.clue.start)]
    present = [clue for clue in fitting if is_in(evidence, clue)]
    own = claimed.clue
    if present:
        best = replace(max(present, key=lambda clue: clue.end - clue.start), checked=not claimed.denied)
        return Claim(clue=best, verdict="contradicted" if claimed.denied else "supported", span=claimed.span)
    verdict: Verdict = "supported" if is_in(evidence, own) else _against(claimed, own, evidence)
    if claimed.denied:
        verdict = {"supported": "contradicted", "contradicted": "supported"}.get(verdict, verdict)  # type: ignore[assignment]
        own = replace(own, text=f"not: {own.text}")
    return Claim(clue=replace(own, checked=verdict == "supported"), verdict=verdict, span=claimed.span)


def _against(claimed: _Statement, clue: Clue, evidence: Evidence) -> Verdict:
    if clue.modality == "face":
        named = re.findall(r"\bAU(\d{1,2})\b", clue.text)
        if any(int(number) not in FACS for number in named):
            return "contradicted"
        return of_face(evidence, clue)
    return of_voice(evidence, clue, compares=claimed.compares, timed=claimed.timed)


def _same(claim: Clue, measured: Clue) -> bool:
    if claim.modality == "face" and " hardly " in claim.text:
        return claim.text == measured.text
    if claim.modality == "face" and claim.text.partition(" (")[0] in STAYS.values():
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


def _quotations(text: str, evidence: Evidence) -> Iterator[Claim]:
    """What is quoted as said: more than a word, or a word after one for speaking."""
    for match in QUOTED.finditer(text):
        if len(match[1].split()) < 2 and not SAYING.search(text[: match.start()]):
            continue
        start, end = _times(text, match.end()) or (0.0, _end(evidence))
        clue = Clue(modality="text", start=start, end=end, text=cited(evidence.clip, match[1]), checked=False)
        has_words = bool((evidence.clip.text or "").strip()) or bool(evidence.clip.words)
        there = is_in(evidence, clue)
        if not there and evidence.clip.words:
            clue = replace(clue, start=0.0, end=_end(evidence))
            there = is_in(evidence, clue)
        verdict: Verdict = "supported" if there else "contradicted" if has_words else "unmeasurable"
        yield Claim(clue=replace(clue, checked=there), verdict=verdict, span=match.span())


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match[0]), text)
