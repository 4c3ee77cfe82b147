"""What emotion-llama-mini's card states of its explanations, measured on clips, on MERR and on exchanged parts."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import EmotionPrediction, Evidence, Reference, plugins
from affekt_clues.clauses import sentences
from affekt_datasets import Sample, default_folder, read
from affekt_emotion_llama.explaining import explanation
from affekt_emotion_llama.explaining.labels import disagreement
from affekt_emotion_llama.language import generation
from affekt_emotion_llama.language.prompt import answer_ids, build
from affekt_emotion_llama.language.sequence import embed
from affekt_emotion_llama.model import EmotionLlama

from affekt_training import merr_reasons
from affekt_training.config import DataUse, FeatureUse, StageConfig, config_file
from affekt_training.descriptions import evidence_of
from affekt_training.featured import FeaturedSample
from affekt_training.measures import Share
from affekt_training.mini import preset
from affekt_training.samples import gather_part

LEARNT = "merr-learnt.txt"
"""Names of MERR's entries that the shipped model learnt from; it never saw the others."""
OF_VOICE = re.compile(r"\b(?:voice|tone|pitch|speech)\b", re.IGNORECASE)
OF_FACE = re.compile(r"\b(?:face|expression)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A clip's evidence and what the pipeline's reasoner says of it."""

    evidence: Evidence
    felt: EmotionPrediction
    lead: str
    """How the text began by itself."""

    @property
    def written(self) -> str:
        """What the model wrote, without its given beginning."""
        return self.felt.generated.removeprefix(self.lead).strip()


class Explainer:
    """A saved model as the pipeline `default` runs it."""

    def __init__(self, model: str) -> None:
        self._fuser: Any = plugins().create("fuser", "linear", model=model)
        self._reasoner: Any = plugins().create("reasoner", "emotion-llama", model=model)

    def __call__(self, evidence: Evidence) -> Explained:
        (fused,) = self._fuser.fuse([evidence])
        evidence = replace(evidence, fused=fused)
        (felt,) = self._reasoner.reason([evidence])
        label = max(felt.scores, key=lambda name: felt.scores[name])
        return Explained(evidence=evidence, felt=felt, lead=self.model.config.lead.replace("{label}", label))

    @cached_property
    def model(self) -> EmotionLlama:
        """The loaded model."""
        loaded: EmotionLlama = self._reasoner.loaded
        return loaded


def clips(count: int) -> list[FeaturedSample]:
    """Clips of RAVDESS and EmoDB with what explanations of a voice need."""
    sets = (DataUse(set="ravdess", limit=round(count * 0.6)), DataUse(set="emodb", limit=count - round(count * 0.6)))
    return _samples({"speech": _speech(), "prosody": FeatureUse(use="prosody")}, sets)


def faces(count: int) -> list[FeaturedSample]:
    """Faces of FER2013's public test."""
    own = preset()
    return _samples(
        {"expression": own.features["expression"]}, (DataUse(set="fer2013", split="public_test", limit=count),)
    )


def _speech() -> FeatureUse:
    return FeatureUse(use="voice-statistics")


def _samples(features: dict[str, FeatureUse], sets: Sequence[DataUse]) -> list[FeaturedSample]:
    config: StageConfig = preset().model_copy(update={"features": features, "data": tuple(sets)})
    return [featured for use in config.data for featured in gather_part(config, use).samples]


def counted(explained: Sequence[Explained]) -> dict[str, Share]:
    """The shares that the card states of what was written freely."""
    claims = [clue for clip in explained for clue in explanation.read(clip.written, clip.evidence, _heard(clip)).clues]
    left = [claim for clip in explained for claim in _left(clip)]
    texts = [sentences(" ".join(_kept(clip).split())) for clip in explained]
    often = Counter(line for lines in texts for line in {line.strip() for line in lines})
    lines = [line.strip() for own in texts for line in own]
    labels = [list(clip.felt.scores) for clip in explained]
    agree = [not disagreement(clip.written, clip.felt.label, own) for clip, own in zip(explained, labels, strict=True)]
    return {
        "claims borne out before anything is struck": Share(sum(clue.checked for clue in claims), len(claims)),
        "claims borne out after": Share(sum(left), len(left)),
        "texts that name no other label": Share(sum(agree), len(agree)),
        "sentences that stand in more than two texts": Share(sum(often[line] > 2 for line in lines), len(lines)),
        "clips of which something is explained": Share(sum(bool(_kept(clip)) for clip in explained), len(explained)),
    }


def _heard(explained: Explained) -> dict[Any, str]:
    """What the voice is heard as, which the checks of the reasoner go by."""
    return {"audio": explained.felt.label} if "speech" in explained.evidence.features else {}


def _kept(explained: Explained) -> str:
    return explanation.read(explained.written, explained.evidence, _heard(explained)).text


def _left(explained: Explained) -> list[bool]:
    return [clue.checked for clue in explanation.read(_kept(explained), explained.evidence, _heard(explained)).clues]


@dataclass(frozen=True, kw_only=True)
class AgainstMerr:
    """Overlap of clues with MERR's reasoning, and how much more the model has than a list of what was observed."""

    written: dict[str, float]
    listed: dict[str, float]
    difference: tuple[float, float, float]
    """The clue overlap's, and its 95 % interval, paired by entry."""
    entries: int


def against_merr(model: str, count: int = 200, root: Path | None = None) -> AgainstMerr:
    """Entries that the model never saw: what it writes of them, and the list that it is shown, against MERR's text."""
    from affekt_metrics.emer_proxy import EmerProxy

    explainer = Explainer(model).model
    kept = _unseen(root)[:count]
    truth = [
        Reference(description=" ".join(str(entry.notes[merr_reasons.FIELD]).split()), group=entry.id) for entry in kept
    ]
    texts = {
        "written": [_from_entry(explainer, entry) for entry in kept],
        "listed": [merr_reasons.shown(entry) for entry in kept],
    }
    proxy, values, drawn = EmerProxy(), {}, {}
    for name, own in texts.items():
        predictions = [EmotionPrediction(scores={"unknown": 1.0}, rationale=text) for text in own]
        sums = proxy.sums(predictions, truth)
        values[name], drawn[name] = proxy.intervals.summary(sums), proxy.intervals.draw(sums)["clue"]
    low, high = np.percentile(drawn["written"] - drawn["listed"], [2.5, 97.5])
    gain = values["written"]["clue"] - values["listed"]["clue"]
    return AgainstMerr(
        written=dict(values["written"]), listed=dict(values["listed"]), difference=(gain, float(low), float(high)),
        entries=len(kept),
    )  # fmt: skip


def _unseen(root: Path | None) -> list[Sample]:
    learnt = frozenset(config_file(Path(LEARNT)).read_text(encoding="utf-8").split())
    every = read("merr", root or default_folder("merr"), annotations_only=True)
    return [sample for sample in every if sample.id not in learnt]


@torch.inference_mode()
def _from_entry(model: EmotionLlama, sample: Sample) -> str:
    """What the model writes of an entry of MERR, under MERR's label; there are neither face nor voice to fuse."""
    prompt = build(model.tokenizer, model.config.prompt, "reason", measured=merr_reasons.shown(sample))
    tokens = torch.zeros(model.config.prompt.tokens, model.config.hidden)
    table = model.plain.get_input_embeddings()
    why = embed(table, prompt, tokens, torch.zeros(len(tokens), dtype=torch.bool))
    lead = model.config.lead.replace("{label}", merr_reasons.label(sample))
    why = torch.cat([why, table(torch.tensor(answer_ids(model.tokenizer, lead, end=False)))])
    ends = [int(model.tokenizer.eos_token_id)]
    return "".join(generation.text(model.tokenizer, generation.tokens(model.plain, why, most=120, ends=ends)))


def exchanged(model: str, pairs: int = 60) -> dict[str, Share]:
    """A voice with a face, then with another's face or another's voice: what is written of each.

    Voices of RAVDESS and EmoDB and faces of FER2013's public test stand for one person; they do not belong together.
    """
    explainer, random = Explainer(model), np.random.default_rng(0)
    voices, looks = clips(pairs * 2), faces(pairs * 2)
    random.shuffle(voices)
    random.shuffle(looks)
    faces_follow, voices_stay, voices_follow, faces_stay = [], [], [], []
    for number in range(pairs):
        first_person, second_person = (_person(voices[number], face) for face in looks[2 * number : 2 * number + 2])
        third_person = _person(voices[pairs + number], looks[2 * number])
        first, face_changed, voice_changed = (
            explainer(person) for person in (first_person, second_person, third_person)
        )
        faces_follow.append(
            _of(first, OF_FACE) != _of(face_changed, OF_FACE) or _looks(first_person) == _looks(second_person)
        )
        voices_stay.append(_measured(first) == _measured(face_changed))
        voices_follow.append(_of(first, OF_VOICE) != _of(voice_changed, OF_VOICE))
        faces_stay.append(_looks(first_person) in _of(voice_changed, OF_FACE) or not _of(first, OF_FACE))
    answers = {
        "another face: what is written of the face changes": faces_follow,
        "another face: what was measured of the voice stays": voices_stay,
        "another voice: what is written of the voice changes": voices_follow,
        "another voice: what is written of the face stays": faces_stay,
    }
    return {name: Share(sum(own), len(own)) for name, own in answers.items()}


def _person(voice: FeaturedSample, face: FeaturedSample) -> Evidence:
    heard, looks = evidence_of(voice), evidence_of(face)
    return replace(heard, features={**heard.features, **looks.features})


def _of(explained: Explained, about: re.Pattern[str]) -> str:
    return " ".join(line.strip() for line in sentences(explained.written) if about.search(line))


def _measured(explained: Explained) -> set[str]:
    clues = explanation.read(explained.written, explained.evidence).clues
    return {clue.text for clue in clues if clue.modality == "audio" and re.search(r"\d", clue.text)}


def _looks(evidence: Evidence) -> str:
    features = evidence.features["expression"]
    return str((features.names or ())[int(features.values.mean(axis=0).argmax())])
