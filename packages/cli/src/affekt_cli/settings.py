"""Command-line changes to a pipeline: `--set words=null --set reasoner.abstain_below=0.5`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from affekt import PipelineSpec

EXAMPLES = ("reasoner.abstain_below=0.5", "transcript.language=de", "words=null", "speaker={use: kokoro, threads: 1}")
"""Changes that the default pipeline takes."""
SETTING_HELP = f"Set an option, empty a slot, swap a component or add one: {', '.join(EXAMPLES)}. Repeatable."
PIPELINE_HELP = "A pipeline by name, or a YAML file."


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """`["speech.layers=[2,3]"]` → `{"speech.layers": [2, 3]}`; values are YAML.

    Raises:
        typer.BadParameter: one is not KEY=VALUE, or its value is not YAML.
    """
    import yaml

    changes: dict[str, Any] = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key.strip():
            raise typer.BadParameter(f'"{setting}" should be SLOT=COMPONENT or SLOT.OPTION=VALUE', param_hint="--set")
        try:
            changes[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f'the value of "{setting}" is not YAML: {error}', param_hint="--set") from error
    return changes


def read_spec(pipeline: str, settings: Sequence[str], people: str | None = None) -> "PipelineSpec":
    """The pipeline with the changes of the command line."""
    changes = parse_settings(settings)
    from affekt import PipelineSpec

    spec = with_people(PipelineSpec.read(pipeline), people)
    return spec.swap(**changes) if changes else spec  # swap forgets `requires`


def with_people(spec: "PipelineSpec", people: str | None) -> "PipelineSpec":
    """The pipeline with a preparer that tells people apart by their voices, in the slot `people`.

    Where it tracks a face it keeps all of them, so that voices are given theirs.

    Args:
        people: how many speak; "auto" where that is not known; None leaves the pipeline as it is.

    Raises:
        typer.BadParameter: it is neither a number nor "auto".
    """
    if people is None:
        return spec
    if people != "auto" and not (people.isdecimal() and int(people)):
        raise typer.BadParameter(f'"{people}" is neither a number nor "auto"', param_hint="--people")
    from affekt import Use

    use = (
        Use(use="speaker-turns")
        if people == "auto"
        else Use.model_validate({"use": "speaker-turns", "people": int(people)})
    )
    prepare = {
        slot: Use.model_validate({**part.model_dump(), "everybody": True}) if part.use == "face-track" else part
        for slot, part in spec.prepare.items()
    }
    return spec.model_copy(update={"prepare": {**prepare, "people": use}})


def without_speaker(spec: "PipelineSpec") -> "PipelineSpec":
    """The part of a pipeline that listens: a speaker that is broken or not installed must not stop an analysis."""
    return spec.swap(speaker=None)
