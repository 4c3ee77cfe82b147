"""The reasoner `heads`: calibrated opinion of voice, face and words, fused; reasons looked up and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt import Component, ComponentError, EmotionPrediction, Evidence, Features, Modality
from affekt.trained_with import TrainedWith
from affekt_clues.phrasing import Absent
from affekt_clues.sounds import wordless
from affekt_clues.speech import ENOUGH, SOME, spoken
from pydantic import Field, field_validator

from affekt_heads import conclusion, face, voice, words
from affekt_heads.emotions import EMOTIONS, PRIOR, as_array
from affekt_heads.fusion import fuse
from affekt_heads.head_card import training_of
from affekt_heads.hearing import Hearing
from affekt_heads.moments import moments, windows
from affekt_heads.opinion import Opinion, ratios
from affekt_heads.speech import heard
from affekt_heads.voice import VoiceHead
from affekt_heads.words import WordsHead

VOICE_WINDOW = 3.0
"""Seconds of voice judged at once: the length of the recordings the voice head was trained on."""


class HeadsReasoner(Component):
    """Fuses what voice, face and words say into a distribution over nine emotions, moment by moment.

    Slots that the pipeline lacks, or that had nothing to encode, are left out and named in the rationale.
    """

    voice: str | None = Field(default="speech", description="Slot of the speech encoder; null leaves the voice out")
    face: str | None = Field(default="expression", description="Slot of the expression classifier; null leaves it out")
    words: str | None = Field(default="words", description="Slot of the sentence encoder; null leaves the words out")
    prosody: str | None = Field(default="prosody", description="Slot of pitch and loudness, for reasons and pauses")
    action_units: str | None = Field(default="action_units", description="Slot of the action units, for reasons")
    voice_head: Path | None = Field(default=None, description="A head file of your own for the voice")
    words_head: Path | None = Field(default=None, description="A head file of your own for the words")
    voice_trust: float = Field(default=0.6, ge=0, le=1, description="Exponent of the voice's likelihood ratios")
    face_trust: float = Field(default=1.0, ge=0, le=1, description="Exponent of the face's likelihood ratios")
    words_trust: float = Field(default=0.6, ge=0, le=1, description="Exponent of the words' likelihood ratios")
    prior: dict[str, float] = Field(default=dict(PRIOR), description="What is expected before any evidence")
    abstain_below: float = Field(
        default=0.33, ge=0, le=1, description="Claims nothing when the likeliest emotion has a lower score"
    )
    hop: float = Field(default=1.0, gt=0, description="Seconds of a moment of the timeline")

    @field_validator("prior")
    @classmethod
    def _whole_prior(cls, prior: Mapping[str, float]) -> Mapping[str, float]:
        if set(prior) != set(EMOTIONS) or min(prior.values()) <= 0:
            raise ValueError(f"the prior should give a share above 0 to each of {', '.join(EMOTIONS)}")
        return prior

    @cached_property
    def _voice_head(self) -> VoiceHead:
        return VoiceHead.load(self.voice_head)

    @cached_property
    def _words_head(self) -> WordsHead:
        return WordsHead.load(self.words_head)

    @property
    def trained_on(self) -> tuple[str, ...]:
        """What the heads learnt from, as their files state it: "MELD train", "RAVDESS". Benchmarks read it."""
        shipped = {self.voice: (self.voice_head, voice.SHIPPED), self.words: (self.words_head, words.SHIPPED)}
        stated = [training_of(own, path) for slot, (own, path) in shipped.items() if slot is not None]
        return tuple(dict.fromkeys(name for names in stated for name in names))

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the shipped heads, unless other files replace them."""
        voice = ("voice-head",) if self.voice is not None and self.voice_head is None else ()
        words = ("words-head",) if self.words is not None and self.words_head is None else ()
        return voice + words

    def encoders(self) -> Mapping[str, TrainedWith]:
        """Slot → the encoder its head was trained with; pipelines refuse others."""
        trained: dict[str, TrainedWith] = {}
        if self.voice is not None:
            trained[self.voice] = self._voice_head.encoder
        if self.words is not None:
            trained[self.words] = self._words_head.trained_with
        if self.face is not None:
            trained[self.face] = TrainedWith(use="expression")
        return trained

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """Judges each clip: one prediction a clip.

        Raises:
            ComponentError: the pipeline has none of the slots, or a slot holds features a head was not trained on.
        """
        return [self._conclude(clip_evidence) for clip_evidence in evidence]

    def _conclude(self, evidence: Evidence) -> EmotionPrediction:
        evidence = replace(evidence, clip=evidence.clip.in_language(("en",)))
        self._require_a_slot(evidence)
        spans = moments(evidence.clip.duration, self.hop)
        heard_from = [
            self._ask_voice(evidence, spans),
            self._ask_face(evidence, spans),
            self._ask_words(evidence, spans),
        ]
        hearing = Hearing(
            evidence=evidence,
            spans=spans,
            opinions=tuple(opinion for opinion in heard_from if isinstance(opinion, Opinion)),
            unheard=tuple(silent for silent in heard_from if isinstance(silent, Absent)),
            prior=as_array(self.prior),
            action_units=evidence.features.get(self.action_units or ""),
            prosody=evidence.features.get(self.prosody or ""),
        )
        if not hearing.opinions:
            return conclusion.nothing_observed(hearing, self.abstain_below)
        posterior, observed = fuse(hearing.opinions, hearing.prior)
        words = self._words_head if self.words in evidence.features else None
        return conclusion.conclude(hearing, posterior, observed, self.abstain_below, words, self.words)

    def _require_a_slot(self, evidence: Evidence) -> None:
        wanted = [slot for slot in (self.voice, self.face, self.words) if slot is not None]
        there = evidence.features.keys() | evidence.missing.keys()
        if not there & set(wanted):
            raise ComponentError(
                f"heads listens to the slots {wanted}, but the pipeline has {sorted(there)}",
                hint="rename the slots, or tell heads theirs: reasoner: {use: heads, voice: YOUR_SLOT}",
            )

    def _ask_voice(self, evidence: Evidence, spans: np.ndarray) -> Opinion | Absent:
        features = self._features(evidence, self.voice, "audio")
        if isinstance(features, Absent):
            return features
        head = self._voice_head
        self._accept(self.voice, features, head.refuse(features), "voice", f"speech of {head.needs}")
        prosody = evidence.features.get(self.prosody or "")
        if not evidence.clip.words and (
            why := evidence.clip.missing.get("text") or evidence.missing.get(self.prosody or "")
        ):
            # Music and sobs have a pitch too; the head learnt from speech, and there is none.
            return Absent(modality="audio", reason=why, instead=wordless(evidence) or "")
        stretches = spoken(evidence.clip, prosody)
        around = windows(spans, VOICE_WINDOW, evidence.clip.duration)
        observed = heard(around, stretches, ENOUGH)
        if not observed.any():
            short = stretches is not None and len(stretches)
            reason = "the voice is too short to be judged" if short else "there is sound, but nobody speaks in it"
            return Absent(modality="audio", reason=reason, instead=wordless(evidence) or "")
        rows = np.zeros((len(spans), len(EMOTIONS)))
        heard_there = head.posterior(features, around[observed], prosody)
        rows[observed] = ratios(EMOTIONS, heard_there, head.prior)
        return Opinion(modality="audio", ratios=rows, observed=observed, trust=self.voice_trust)

    def _ask_face(self, evidence: Evidence, spans: np.ndarray) -> Opinion | Absent:
        features = self._features(evidence, self.face, "face")
        if isinstance(features, Absent):
            return features
        self._accept(self.face, features, face.refuse(features), "face", "expression: expression")
        units = evidence.features.get(self.action_units or "")
        stretches = spoken(evidence.clip, evidence.features.get(self.prosody or ""))
        talking = heard(spans, stretches, SOME) if stretches is not None else np.zeros(len(spans), dtype=bool)
        return replace(face.opinion(features, spans, units, talking), trust=self.face_trust)

    def _ask_words(self, evidence: Evidence, spans: np.ndarray) -> Opinion | Absent:
        features = self._features(evidence, self.words, "text")
        if isinstance(features, Absent):
            return features
        head = self._words_head
        self._accept(self.words, features, head.refuse(features), "words", f"words: {head.encoder}")
        if evidence.clip.language not in (None, "en"):
            reason = f'the words are in "{evidence.clip.language}", and the words head reads English only'
            return Absent(modality="text", reason=reason)
        return replace(head.opinion(features, spans), trust=self.words_trust)

    def _features(self, evidence: Evidence, slot: str | None, modality: Modality) -> Features | Absent:
        if slot is None:
            return Absent(modality=modality, reason="the reasoner was told to leave it out", asked=False)
        if slot in evidence.features and len(evidence.features[slot].values):
            return evidence.features[slot]
        if (
            modality == "face"
            and evidence.clip.video is None
            and evidence.clip.faces is None
            and slot in evidence.missing
        ):
            return Absent(modality=modality, reason=evidence.clip.why_missing("video"))
        if slot not in evidence.missing and slot not in evidence.features:
            reason = f'the pipeline has no encoder in the slot "{slot}"'
            return Absent(modality=modality, reason=reason, asked=False)
        instead = (wordless(evidence) or "") if modality == "audio" else ""
        reason = evidence.missing.get(slot) or "its encoder found nothing"
        return Absent(modality=modality, reason=reason, instead=instead)

    def _accept(self, slot: str | None, features: Features, fault: str | None, head: str, example: str) -> None:
        if fault is not None:
            raise ComponentError(
                f'the slot "{slot}" holds {features.values.shape[1]} columns of {features.source or "an encoder"}, '
                f"which the {head} head cannot read: {fault}",
                hint=f"{example}; or leave the {head} out with reasoner: {{use: heads, {head}: null}}",
            )
