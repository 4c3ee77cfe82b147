"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="preparer",
        name="given-text",
        target="affekt_basics.given_text:GivenText",
        summary="A transcript you already have, spread evenly over the clip",
    )
    yield ComponentInfo(
        role="encoder",
        name="loudness",
        target="affekt_basics.loudness:Loudness",
        summary="Level of the sound in decibels",
    )
    yield ComponentInfo(
        role="encoder",
        name="brightness",
        target="affekt_basics.brightness:Brightness",
        summary="Mean brightness and motion of the pictures",
    )
    yield ComponentInfo(
        role="fuser",
        name="concatenate",
        target="affekt_basics.concatenate:Concatenate",
        summary="Every feature's mean as one token, padded to one width; missing ones masked",
    )
    yield ComponentInfo(
        role="reasoner",
        name="loud-is-excited",
        target="affekt_basics.loud_is_excited:LoudIsExcited",
        summary="A baseline in one rule: the louder, the more likely happy or angry",
    )
    yield ComponentInfo(
        role="evaluator",
        name="hits",
        target="affekt_basics.hits:Hits",
        summary="Share of right answers; affekt-metrics has the measures of the field",
    )
    yield ComponentInfo(
        role="speaker",
        name="beeps",
        target="affekt_basics.beeps:Beeps",
        summary="One tone a syllable whose pitch and pace follow the emotion; no words",
    )
