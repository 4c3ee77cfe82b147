"""Every sentence of a description against the evidence: supported, contradicted or not measurable, and by what.

A sentence is supported when a clue of it is in the evidence and none is contradicted; that also goes for a sentence
that names an emotion for which a measured clue speaks, and for one that says what is missing. What a describer
reported is no measurement: a sentence that repeats it stays unmeasurable, with the report as what it rests on.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from affekt import Evidence
from affekt_clues.check import with_columns
from affekt_clues.claims import claims
from affekt_clues.clauses import sentences
from affekt_clues.contradiction import Verdict
from affekt_clues.prosody import PITCH, voiced
from affekt_clues.reason import Reason

from affekt_annotate.annotation import Clause, Finding, Sentence
from affekt_annotate.config import CheckStep
from affekt_annotate.emotion_words import named
from affekt_annotate.lint import faults

ABSENCE = re.compile(
    r"\bno (?P<face>face)\b|\bno (?P<audio>voice)\b|\bno (?P<text>words?)\b|\bnobody (?P<speaks>speaks)\b",
    re.IGNORECASE,
)
UNDECIDED = re.compile(r"^nothing (?:that was )?measured speaks for ", re.IGNORECASE)
COMMON = frozenset(
    re.findall(r"\w+", "the a an of in on at to and or is are was were with his her their this that person it as by")
)


def check(
    text: str, evidence: Evidence, findings: Sequence[Finding], reasons: Sequence[Reason], step: CheckStep
) -> tuple[Sentence, ...]:
    """The sentences of a text, each with its verdict, what it rests on, and why it is cut."""
    # A description gives no times, and in languages without spaces the timed words are single letters.
    untimed = replace(evidence, clip=replace(evidence.clip, words=())) if evidence.clip.text else evidence
    return tuple(
        _sentence(sentence.strip(), untimed, findings, reasons, step)
        for sentence in sentences(text)
        if sentence.strip()
    )


def _sentence(
    text: str, evidence: Evidence, findings: Sequence[Finding], reasons: Sequence[Reason], step: CheckStep
) -> Sentence:
    clauses = [
        Clause(
            text=claim.clue.text,
            verdict=claim.verdict,
            start=round(claim.clue.start, 3),
            end=round(claim.clue.end, 3),
            modality=claim.clue.modality,
            finding=_index(claim.clue.text, claim.clue.modality, findings),
        )
        for claim in claims(text, evidence, reasons)
    ]
    clauses += _absences(text, evidence)
    clauses += _emotions(text, findings)
    if not clauses:
        clauses = _reports(text, findings)
    verdict = _verdict(clauses)
    lint = faults(text)
    return Sentence(
        text=text, verdict=verdict, clauses=tuple(clauses), lint=lint, cut=_cut(verdict, clauses, lint, step)
    )


def _verdict(clauses: Sequence[Clause]) -> Verdict:
    verdicts = {clause.verdict for clause in clauses}
    if "contradicted" in verdicts:
        return "contradicted"
    return "supported" if "supported" in verdicts else "unmeasurable"


def _cut(verdict: Verdict, clauses: Sequence[Clause], lint: Sequence[str], step: CheckStep) -> str:
    if verdict == "contradicted":
        against = next(clause.text for clause in clauses if clause.verdict == "contradicted")
        return f"contradicted: {against}"
    if verdict == "unmeasurable" and step.unmeasurable and not any(clause.finding is not None for clause in clauses):
        return "rests on no clue"
    return f"wording: {lint[0]}" if lint and step.lint else ""


def _absences(text: str, evidence: Evidence) -> list[Clause]:
    """Claims that there is no face, no voice or no words."""
    clauses = []
    for match in ABSENCE.finditer(re.sub(r"[“\"][^”\"]*[”\"]", "", text)):
        kind = match.lastgroup or ""
        absent = {"face": _faceless(evidence), "audio": _voiceless(evidence)}.get(
            kind, not (evidence.clip.text or "").strip()
        )
        modality = {"face": "face", "audio": "audio"}.get(kind, "text")
        clauses.append(
            Clause(
                text=match[0].lower(),
                verdict="supported" if absent else "contradicted",
                start=0.0,
                end=0.0,
                modality=modality,  # type: ignore[arg-type]
            )
        )
    return clauses


def _faceless(evidence: Evidence) -> bool:
    units = with_columns(evidence, lambda name: name.startswith("AU"))
    return units is None or not len(units.values)


def _voiceless(evidence: Evidence) -> bool:
    prosody = with_columns(evidence, lambda name: name == PITCH)
    return prosody is None or not voiced(prosody).any()


def _emotions(text: str, findings: Sequence[Finding]) -> list[Clause]:
    """Emotions that are named: supported where a measured clue speaks for them."""
    clauses = []
    for emotion, match, denied in named(text):
        spoken_for = [
            index for index, finding in enumerate(findings) if emotion in finding.supports and not finding.reported
        ]
        if UNDECIDED.match(text):
            verdict: Verdict = "contradicted" if spoken_for else "supported"
        elif denied:
            continue
        else:
            verdict = "supported" if spoken_for else "unmeasurable"
        best = max(spoken_for, key=lambda index: findings[index].value or 0.0) if spoken_for else None
        clue = findings[best] if best is not None else None
        clauses.append(
            Clause(
                text=f"{match[0].lower()}: {clue.text}" if clue else match[0].lower(),
                verdict=verdict,
                start=clue.start if clue else 0.0,
                end=clue.end if clue else 0.0,
                modality=clue.modality if clue else "text",
                finding=best,
            )
        )
    return clauses


def _reports(text: str, findings: Sequence[Finding]) -> list[Clause]:
    """What a describer reported and the sentence repeats: half of its content words."""
    own = _content(text)
    clauses = []
    for index, finding in enumerate(findings):
        if finding.reported and own and len(own & _content(finding.text)) >= max(2, len(own) / 2):
            clauses.append(
                Clause(
                    text=finding.text,
                    verdict="unmeasurable",
                    start=finding.start,
                    end=finding.end,
                    modality=finding.modality,
                    finding=index,
                )
            )
    return clauses


def _content(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", text.lower())) - COMMON


def _index(text: str, modality: str, findings: Sequence[Finding]) -> int | None:
    """The finding of this wording; of a quotation, the transcript."""
    for index, finding in enumerate(findings):
        if finding.modality == modality and not finding.reported and (finding.text == text or modality == "text"):
            return index
    return None
