"""MERR's reasoning as a small model may learn it: only what it can perceive, in the words of its own prompt.

MERR's texts were written by a language model that was told action units, a tone, the words and a description of the
scene. A model that reads action units, a voice and words must not learn to tell of clothes and rooms. So persons become
"the person", sentences about what is not perceived are left out, and clauses that the entry's own action units or words
contradict are struck as they are when the model itself writes.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Clip, Evidence, Features
from affekt_clues.clauses import sentences
from affekt_clues.facs import PHRASES, code
from affekt_datasets import Sample
from affekt_emotion_llama.explaining import explanation, observed

FIELD = "smp_reason_caption"
FEWEST_WORDS = 8
"""Shorter texts are left out."""
PERSON = re.compile(
    r"\b(?:an?|the|this|one)\s+(?:(?!and\b|of\b|with\b)[\w-]+\s+){0,4}?"
    r"(?:m[ae]n|wom[ae]n|girls?|boys?|lady|gentleman|characters?|individuals?|act(?:or|ress)|males?|females?|guy|"
    r"speaker|figure|child|people|person)\b"
    r"(?:\s+(?:with|in|wearing|dressed in)\s+(?:(?:an?|the)\s+)?(?:[\w'-]+\s+){0,4}?"
    r"(?:hair|beard|moustache|mustache|glasses|hat|cap|wig|shirt|suit|dress|uniform|clothes|clothing|attire|jacket|robe|"
    r"coat|background)\b)?",
    re.IGNORECASE,
)
"""Somebody, by looks that are not perceived."""
OPENING = re.compile(r"^in (?:the|this) video(?: clip| scene)?,?\s*", re.IGNORECASE)
LEANING = re.compile(r"^(?:however|but|also|additionally|moreover|furthermore),?\s+", re.IGNORECASE)
"""What joins a sentence to the one before it, which may be left out."""
PRONOUNS: Sequence[tuple[str, str]] = (
    (r"\b(?:him|her)self\b", "themselves"),
    (r"\b(?:his|hers?)\b", "their"),
    (r"\bhim\b", "them"),
    (r"\b(?:she|he)\b", "the person"),
)
UNSEEN = re.compile(
    r"\b(?:settings?|backgrounds?|scenes?|room|wear(?:s|ing)|attire|cloth\w*|costume\w*|hair|wig|robe|uniform|hat|gestures?|"
    r"hands?|arms?|fists?|posture|body|shoulders?|stand(?:s|ing)|sit(?:s|ting)|seated|lean\w*|hold(?:s|ing)|chinese|"
    r"traditional|elderly|young|camera|gazes?|gazing|nods?|nodding|tears?|sweat|chair|table|bed|phone|car|outdoor\w*|"
    r"indoor\w*|context|conversation partner|another|others|someone|two|group|actors?|video|image|frames?)\b",
    re.IGNORECASE,
)
"""What nothing in the prompt tells."""
UNIT_NAMES: Mapping[str, str] = {
    "brow lowerer": "lowered brows",
    "lid tightener": "tightened lids",
    "upper lid raiser": "raised upper lids",
    "upper lip raiser": "raised upper lip",
    "dimpler": "dimpled mouth",
    "cheek raiser": "raised cheeks",
    "lip corner puller": "raised lip corners",
    "chin raiser": "raised chin",
    "lip tightener": "tightened lips",
    "inner brow raiser": "raised inner brows",
    "outer brow raiser": "raised outer brows",
    "lip corner depressor": "lowered lip corners",
    "lower lip depressor": "lowered lower lip",
    "lip stretcher": "stretched lips",
}
"""MERR's names of action units → what one sees."""
ADJECTIVES: Mapping[str, str] = {
    "surprise": "surprised", "fear": "fearful", "doubt": "doubtful", "contempt": "contemptuous",
}  # fmt: skip
"""MERR's labels that are no adjectives → as an explanation's beginning names them."""
TONES: Mapping[str, str] = {
    r"negative": "negative",
    r"normal|natural|neutral|calm|reassuring": "neutral",
    r"fear\w*|tremulous|anxious|frighten\w*|worried|nervous|startled": "fearful",
    r"excited|cheerful|happy|positive|joyful": "happy",
    r"angry|flaming|furious|bitter": "angry",
    r"sad|distraught|sorrow\w*|crying": "sad",
    r"surprised?": "surprised",
    r"disgust\w*|contempt\w*": "disgusted",
}
"""Words for a tone → the label that a recogniser would give it; none for a negative one."""


def shown(sample: Sample) -> str:
    """What the prompt shows of an entry: action units, tone and words."""
    faces = [f"{PHRASES[unit]} ({unit})" for unit in dict.fromkeys(_units(sample)) if unit in PHRASES]
    return observed.sentences(faces, (), {"audio": tone} if (tone := tone_of(sample)) else {}, sample.text)


def label(sample: Sample) -> str:
    """The entry's label as an explanation begins with it."""
    return ADJECTIVES.get(sample.label or "", sample.label or "")


def tone_of(sample: Sample) -> str | None:
    """The label of the tone; None where the entry names none."""
    tones = sample.notes.get("audio_prior_list") or ""
    text = " ".join(tones) if isinstance(tones, list) else str(tones)
    return next((label for pattern, label in TONES.items() if re.search(rf"\b(?:{pattern})\b", text)), None)


def reasoning(sample: Sample) -> str | None:
    """The entry's reasoning without what the model cannot perceive; None where too little is left."""
    text = " ".join(str(sample.notes.get(FIELD) or "").split())
    if "*" in text:  # a list that lost its lines
        return None
    kept = [cleaned for sentence in sentences(text) if not UNSEEN.search(cleaned := _cleaned(sentence))]
    left = explanation.read(" ".join(kept), _evidence(sample)).text
    return left if len(left.split()) >= FEWEST_WORDS else None


def _cleaned(sentence: str) -> str:
    own = LEANING.sub("", OPENING.sub("", sentence.strip()))
    for name, description in UNIT_NAMES.items():
        own = re.sub(rf"\b{name}\b(?: expression)?", description, own, flags=re.IGNORECASE)
    own = re.sub(r"\ban? (?=raised|lowered|tightened|dimpled|stretched)", "", PERSON.sub("the person", own))
    parts = re.split(r"([“\"][^”\"]*[”\"])", own)  # quotations stay as they are
    for index in range(0, len(parts), 2):
        for pattern, instead in PRONOUNS:
            parts[index] = re.sub(pattern, instead, parts[index], flags=re.IGNORECASE)
    own = "".join(parts)
    return own[:1].upper() + own[1:]


def _units(sample: Sample) -> list[str]:
    units = sample.notes.get("AU_list") or ()
    return [code(str(unit)) for unit in units] if isinstance(units, list | tuple) else []


def _evidence(sample: Sample) -> Evidence:
    """The entry's action units, raised after a second at rest, and its words."""
    units = _units(sample)
    values = np.zeros((20, len(PHRASES)), dtype=np.float32)
    values[10:, [unit in units for unit in PHRASES]] = 0.8
    features = {"units": Features(values=values, hop=0.1, names=tuple(PHRASES))}
    return Evidence(clip=Clip(id=sample.id, text=sample.text, language="en"), features=features)
