"""The evidence as a model takes it: a face that talks counts less, words are read in translation or left out.

Only what a model's configuration asks for is done; `face` and `languages` of `saved.ModelConfig`.
"""

from dataclasses import replace

from affekt import Evidence, Features
from affekt_clues.expression import is_expression, sober
from affekt_clues.facs import code
from affekt_clues.prosody import VOICING

from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.saved import ModelConfig


def gated(evidence: Evidence, config: ModelConfig, loaded: Loaded, device: str) -> Evidence:
    """The evidence, fused anew where something was changed."""
    evidence = replace(evidence, clip=evidence.clip.in_language(config.languages or ()))
    features, missing = dict(evidence.features), dict(evidence.missing)
    if config.words in features and (reason := _unreadable(evidence, config)):
        del features[config.words]
        missing[config.words] = reason
    face = features.get(config.face or "")
    if face is not None and is_expression(face) and len(face.values):
        features[str(config.face)] = sober(face, evidence.clip, _units(evidence), _prosody(evidence))
    if features == evidence.features:
        return evidence
    changed = replace(evidence, features=features, missing=missing, fused=None)
    return replace(changed, fused=fuse(loaded, [changed], device)[0])


def _unreadable(evidence: Evidence, config: ModelConfig) -> str | None:
    language = evidence.clip.language
    if language is None or not config.languages or language in config.languages:
        return None
    return f'the words are in "{language}", and the model reads {", ".join(config.languages)} only'


def _units(evidence: Evidence) -> Features | None:
    action_units = (
        features
        for features in evidence.features.values()
        if any(code(name) == "AU12" for name in features.names or ())
    )
    return next(action_units, None)


def _prosody(evidence: Evidence) -> Features | None:
    return next((features for features in evidence.features.values() if VOICING in (features.names or ())), None)
