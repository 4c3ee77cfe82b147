"""From a request to what the network is given, with every check before it is given anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from affekt import DataError, OptionsError, SpeechRequest, WeightsError
from affekt.suggestions import did_you_mean
from affekt_voices import ConsentError, Voice

from affekt_coqui.controls import EMOTIONS, Controls, controls_for
from affekt_coqui.conversion import Converter
from affekt_coqui.engine import Arrays, Engine, Family, language_of
from affekt_coqui.lending import Lending, recording, require_same_person
from affekt_coqui.tacotron import TacotronEngine
from affekt_coqui.wording import require_sayable, sentences

if TYPE_CHECKING:
    from affekt_coqui.speaker import CoquiSpeaker

READ_AT_ONCE = 300
"""Characters that a reader is asked for before they are converted."""
Sources = Mapping[str, str | Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request that was checked, with all that is needed to speak it."""

    request: SpeechRequest
    sentences: list[str]
    language: str
    name: str
    """The name of the voice; "" for a model's only one."""
    lent: Voice | None
    voice: Arrays
    how: Controls
    route: str
    """Where the emotion comes from."""
    converts: bool = False

    def read(self, sentence: str, voice: str | None) -> SpeechRequest:
        """What a reader is asked for."""
        request = self.request
        return SpeechRequest(
            text=sentence,
            emotion=request.emotion,
            intensity=request.intensity,
            language=request.language,
            voice=voice,
            style=request.style,
        )


def reading_plan(options: "CoquiSpeaker", request: SpeechRequest, engine: Engine, lending: Lending, what: str) -> Plan:
    """The plan for a model that reads texts itself.

    Args:
        what: the model, and all else that what is computed from a voice depends on.
    """
    family = engine.family
    _require_sources(family, options.emotions)
    name, lent = _voice(options, request, engine, lending)
    language = language_of(request.language, engine.languages, f"this {family.name} model")
    parts = sentences(request.text, language, lambda part: engine.fits(part, language))
    require_sayable(engine.unsayable("\n".join(parts), language), family.name, language)
    route, how = _route(family, options.emotions, request)
    voice = engine.own(name) if lent is None else lending.derived(lent, what, lambda: engine.learnt(lent.recordings))
    if route == "source":
        source = options.emotions[request.emotion]
        style, route = _style(source, request.emotion, engine, lent, lending, what)
        voice = engine.mixed(voice, style, request.intensity)
    return Plan(
        request=request, sentences=parts, language=language, name=name, lent=lent, voice=voice, how=how, route=route
    )


def conversion_plan(
    options: "CoquiSpeaker", request: SpeechRequest, converter: Converter, lending: Lending, what: str
) -> Plan:
    """The plan for a model that gives another speaker's speech a lent voice."""
    if options.emotions:
        raise OptionsError(
            f"emotions: {converter.name} has none of its own here, found {', '.join(options.emotions)}",
            hint="the reader's: they come with its speech",
        )
    if not (name := request.voice or options.voice):
        raise ConsentError("no lent voice is named", hint="`affekt voices list`, then --voice NAME")
    lent = lending.use(name, options.purpose)
    parts = sentences(request.text, request.language, lambda part: len(part) <= READ_AT_ONCE)
    voice = lending.derived(lent, what, lambda: converter.learnt(lent.recordings))
    return Plan(
        request=request,
        sentences=parts,
        language=request.language,
        name=name,
        lent=lent,
        voice=voice,
        how=Controls(),
        route=f"conversion of {options.reader or 'kokoro'}'s speech",
        converts=True,
    )


def _voice(
    options: "CoquiSpeaker", request: SpeechRequest, engine: Engine, lending: Lending
) -> tuple[str, Voice | None]:
    """Name of the voice, and who lent it where it is not the model's own."""
    family, own = engine.family, engine.voices
    name = request.voice or options.voice
    if not name and (own or not family.clones):
        return (own[0] if own else ""), None
    if name in own:
        return name, None
    if not family.clones:
        hint = f"one of {', '.join(own[:20])}" if own else "no voice: it has one only"
        raise DataError(f'this {family.name} model has no voice "{name}"{did_you_mean(name, own)}', hint=hint)
    lacking = (
        ""
        if own
        else "; the model has no voice of its own"
        + (": its folder lacks speakers_xtts.pth" if family.name == "xtts" else "")
    )
    if not name:
        raise WeightsError(f"no voice is named{lacking}", hint="that file, or --voice with the name of a lent voice")
    try:
        return name, lending.use(name, options.purpose)
    except ConsentError as error:
        also = f"; the model's own are {', '.join(own[:20])}" if own else lacking
        raise ConsentError(f"{error.message}{also}", hint=error.hint) from error


def _require_sources(family: Family, emotions: Sources) -> None:
    """Raises an OptionsError that names what a family of models cannot take an emotion from."""
    for emotion, source in emotions.items():
        tokens = isinstance(source, Mapping)
        if tokens and "tokens" not in family.sources:
            given = "style tokens"
        elif not tokens and not {"voice", "clip"} & set(family.sources):
            given = f'"{source}"'
        else:
            continue
        ways = {"voice": "a voice of its own", "clip": "a recording", "tokens": "weights of style tokens"}
        can = " or ".join(ways[source] for source in family.sources) or "nothing there; see `reader` for conversion"
        raise OptionsError(f"emotions.{emotion}: {family.name} takes no emotion from {given}", hint=can)


def _route(family: Family, emotions: Sources, request: SpeechRequest) -> tuple[str, Controls]:
    """Where the emotion comes from. A source says all; without one there is the table of controls."""
    emotion = request.emotion
    if emotion == "neutral" or request.intensity == 0:
        return "none", Controls()
    if emotion in emotions:
        return "source", Controls()
    if emotion not in EMOTIONS:
        speakable = [*EMOTIONS, *emotions]
        raise DataError(f'coqui cannot sound "{emotion}"{did_you_mean(emotion, speakable)}', hint=f"emotions.{emotion}")
    if not family.controls:
        raise DataError(
            f'this {family.name} model cannot sound "{emotion}" by itself',
            hint=f"emotions.{emotion}: a recording or weights of style tokens"
            if family.sources
            else "a model with style tokens, or --emotion neutral",
        )
    return " and ".join(family.controls), controls_for(emotion, request.intensity)


def _style(
    source: str | Mapping[str, float], emotion: str, engine: Engine, lent: Voice | None, lending: Lending, what: str
) -> tuple[Arrays, str]:
    """What `emotions` names, as the network takes it, and in words."""
    if isinstance(source, Mapping):
        return _tokens(source, emotion, engine), "style tokens"
    if source in engine.voices:
        return engine.own(source), f"the manner of {source}"
    path = Path(source).expanduser()
    if "clip" not in engine.family.sources or not path.is_file():
        ways = [*engine.voices[:20], *(["a recording"] if "clip" in engine.family.sources else [])]
        raise OptionsError(f'emotions.{emotion}: there is no "{source}"', hint=f"one of {', '.join(ways)}")
    sound = recording(path)
    if not engine.family.clones:
        return engine.learnt([sound]), f"the manner of {path.name}"
    if lent is None:
        raise ConsentError(
            f'emotions.{emotion}: "{path}" is a recording of a person, and the voice that speaks is not theirs',
            hint="a lent voice, of the person in the recording",
        )
    require_same_person(sound, path, lent)
    clip = f"{what} clip {sound.sample_rate} {sha256(sound.samples.tobytes()).hexdigest()}"
    return lending.derived(lent, clip, lambda: engine.learnt([sound])), f"the manner of {path.name}"


def _tokens(weights: Mapping[str, float], emotion: str, engine: Engine) -> Arrays:
    assert isinstance(engine, TacotronEngine)
    weights_of = np.zeros(engine.tokens, dtype=np.float32)
    for number, weight in weights.items():
        if not number.isdecimal() or int(number) >= engine.tokens:
            raise OptionsError(
                f'emotions.{emotion}: there is no style token "{number}"', hint=f"0 to {engine.tokens - 1}"
            )
        weights_of[int(number)] = weight
    return {"tokens": weights_of}
