"""Sentences and clauses of English explanations, so that what the evidence contradicts can be struck and nothing else.

Sentences are split by pysbd. Within them a clause begins after a semicolon, or where a new subject of the field (the
voice, the lips, she) is followed by its verb: explanations of Emotion-LLaMA are trained without full stops, and
anything a model writes may lack them. Verbs are told by their endings and by short lists, not by a parser.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

Span = tuple[int, int]
"""Where something begins and ends in a text, in characters."""

WORDS: Mapping[str, Sequence[str]] = json.loads(
    resources.files("affekt_clues").joinpath("clause_words.json").read_text(encoding="utf-8")
)
"""Nouns that an explanation makes its subjects; words that are no verbs; words that need what follows them; nouns in
-s; and verbs that no ending shows."""
NOUN = "|".join(WORDS["subjects"])
SUBJECT = (
    r"(?:he|she|they|it|(?:this|there)(?= (?:is|was|are|suggests?|indicates?|shows?|means?)\b)"
    r"|(?:the|his|her|their|its|this|a|an|no) (?:(?!(?:and|of|in|with)\b)[\w'-]+ ){0,3}?"
    rf"(?:{NOUN})(?:'s (?:\w+ )?(?:{NOUN}))?(?: \((?:AU|au)\d+\))?"
    r"|(?:all |these |those )?(?:of )?(?:these |the )?clues(?: (?:of|from|in) (?:\w+,? ){0,5}?\w+)?)"
)
LINK = r"(?:and|but|while|whereas|because|since|although|though|as|when|so|yet|then|or)"
VERB = rf"(?!(?:{'|'.join(WORDS['no_verbs'])})\b)[\w'’]+"
OPENER = re.compile(rf"(?:{LINK} )?(?:then |also |at the same time )?{SUBJECT} {VERB}", re.IGNORECASE)
ADVERB = re.compile(
    rf"(?:{LINK} )?(?:overall|therefore|thus|hence|in summary|in conclusion|taken together|combined with|based on|"
    r"in addition|additionally|moreover|furthermore|meanwhile|however|according to)\b",
    re.IGNORECASE,
)
"""What begins a clause before its subject."""
INTRODUCED = re.compile(rf"(?:\b{LINK} )?\bin the \w+,? $", re.IGNORECASE)
DEPENDENT = re.compile(
    r",?\s*(?:\w+ing\b|which\b|who\b|that\b|especially\b|such as\b|like\b|with\b|as if\b|from \d)", re.IGNORECASE
)
"""What leans on the words before it and goes with them."""
CLOSED = re.compile(r"[“\"][^”\"]*[”\"]|\([^()]*\)")
"""Quotations and brackets are not cut."""
END = re.compile(r"[.!?…]+[\"”’')]*\s*$")
LEADING = re.compile(rf"^[\s,;:–—-]*(?:{LINK}\b\s*)?(?=\S)", re.IGNORECASE)


@cache
def _segmenter() -> Any:
    import pysbd  # type: ignore[import-untyped]

    return pysbd.Segmenter(language="en", clean=False)


def sentences(text: str) -> list[str]:
    """The sentences of a text; joined they are the text."""
    pieces: list[str] = []
    for sentence in _segmenter().segment(text) if text.strip() else ():
        # A bare mark, as after "…", belongs to the sentence before it.
        if pieces and not re.search(r"\w", sentence):
            pieces[-1] += sentence
        else:
            pieces.append(sentence)
    return pieces if "".join(pieces) == text else [text]


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence; joined they are the sentence."""
    return _cut(sentence, _starts(sentence))


def parts(clause: str, keep: Sequence[Span] = ()) -> list[str]:
    """The finer parts of a clause: what is coordinated by commas and "and", each with a verb of its own.

    Args:
        keep: spans that may not be cut.
    """
    cuts: list[int] = []
    for match in re.finditer(rf",\s+|\s(?={LINK} )", clause, re.IGNORECASE):
        before, after = clause[max([0, *cuts]) : match.start()], clause[match.end() :]
        own = re.sub(rf"^{LINK} ", "", after, flags=re.IGNORECASE)
        if not DEPENDENT.match(own) and _has_verb(before) and _has_verb(own, among=3):
            cuts.append(match.end())
    return _cut(clause, _free(clause, cuts, keep))


def without(sentence: str, struck: Callable[[str], tuple[bool, Sequence[Span]]]) -> tuple[str, list[str]]:
    """A sentence without the clauses that are struck, and those; all other words stay as they are.

    Args:
        struck: says of a piece whether it is struck, and which spans of it may not be cut.
    """
    kept: list[str] = []
    removed: list[str] = []
    first_gone = last_gone = False
    for clause in clauses(sentence):
        orphaned: str | None = None  # the subject of a part that was struck, "" where it is not known
        for piece, gone in _judged(clause, struck):
            own = _subject(piece)
            if own is not None:
                orphaned = None
            if not gone and orphaned:
                kept.append(f"{orphaned} {LEADING.sub('', piece)}")
                orphaned = None
            elif not gone and orphaned is None:
                kept.append(piece)
            else:
                removed.append(LEADING.sub("", piece).strip(" ,;:"))
                first_gone |= not kept
                last_gone = True
                if gone and (own is not None or clause.startswith(piece)):
                    orphaned = own or ""
                continue
            last_gone = False
    if not removed:
        return sentence, []
    return _mended("".join(kept), sentence, first_gone, last_gone), removed


def _judged(clause: str, struck: Callable[[str], tuple[bool, Sequence[Span]]]) -> list[tuple[str, bool]]:
    """The clause, or its parts where only some of them are struck."""
    gone, keep = struck(clause)
    pieces = [(piece, struck(piece)[0]) for piece in parts(clause, keep)] if gone else []
    return pieces if any(bad for _, bad in pieces) else [(clause, gone)]


def _mended(text: str, sentence: str, first_gone: bool, last_gone: bool) -> str:
    """The beginning and the end that the sentence had, where its first or last clause was struck."""
    if first_gone and text:
        text = LEADING.sub("", text)
        text = text[0].upper() + text[1:] if sentence.lstrip()[:1].isupper() else text
    if last_gone and text:
        ending = END.search(sentence)
        text = text.rstrip(" ,;:–—") + (ending[0] if ending else " ")
    return text


def _subject(piece: str) -> str | None:
    match = re.match(rf"[\s,;]*(?:{LINK} )?((?:in the \w+,? )?{SUBJECT})\b", piece, re.IGNORECASE)
    return match[1] if match else None


def _starts(sentence: str) -> list[int]:
    cuts: list[int] = [match.end() for match in re.finditer(r";\s+|:\s+|\s[–—]\s", sentence)]
    for position in _openers(sentence):
        begin = max((at for at in cuts if at <= position), default=0)
        if position > begin and _has_verb(sentence[begin:position]):
            cuts.append(position)
    return _free(sentence, sorted(set(cuts)), ())


def _openers(sentence: str) -> Iterator[int]:
    """Places where a subject with its verb begins, after words that it does not belong to."""
    for position in (match.start() for match in re.finditer(r"(?<=[\s,])(?=\w)", sentence)):
        before = re.findall(r"[\w'’]+|[,;:]", sentence[:position])
        last = before[-1].lower() if before else ""
        if ADVERB.match(sentence, position):
            if not re.fullmatch(LINK, last):
                yield position
            continue
        # What stands after "combined with these clues" is the rest of that clause.
        follows = ADVERB.search(sentence[max(0, position - 60) : position])
        if not last or last in WORDS["need_an_object"] or follows or DEPENDENT.match(sentence, position):
            continue
        if OPENER.match(sentence, position):
            introduced = INTRODUCED.search(sentence[:position])
            yield introduced.start() if introduced else position


def _has_verb(words: str, among: int | None = None) -> bool:
    """Whether one of the words (the first few of them) looks like a finite verb."""
    tokens = re.findall(r"[a-z'’]+", words.lower())[:among]
    return any(
        word in WORDS["finite_verbs"]
        or (word not in WORDS["plural_nouns"] and re.fullmatch(r"[a-z]{2,}(?:[^su]s|ed)", word) is not None)
        for word in tokens
    )


def _free(text: str, cuts: Sequence[int], keep: Sequence[Span]) -> list[int]:
    """Places that lie in no quotation, bracket or span to be kept whole."""
    closed = [*(match.span() for match in CLOSED.finditer(text)), *keep]
    return [cut for cut in cuts if not any(begin < cut < end for begin, end in closed)]


def _cut(text: str, cuts: Sequence[int]) -> list[str]:
    edges = [0, *(cut for cut in cuts if 0 < cut < len(text)), len(text)]
    pieces: list[str] = []
    for begin, end in pairwise(edges):
        # A single word, such as "Face:", is no clause: it goes with the next.
        if pieces and len(re.findall(r"\w+", pieces[-1])) < 2:
            pieces[-1] += text[begin:end]
        else:
            pieces.append(text[begin:end])
    return pieces
