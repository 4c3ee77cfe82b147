"""One YAML configuration of an annotation: which component does which step, and when an item is dropped."""

from pathlib import Path
from typing import Any, Literal

from affekt import SpecError, Use
from affekt.component import option_problems
from affekt.yaml_file import parse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PeakRule = Literal["upstream", "speech-robust"]
Action = Literal["drop", "mark", "off"]


class Strict(BaseModel):
    """Frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class FaceStep(Strict):
    """Peak frame and first label, from action units."""

    peak: PeakRule = Field(default="speech-robust", description="Which of the two peaks is exported; both are kept")
    threshold: float = Field(
        default=0.16, gt=0, lt=1, description="Height from which a unit is present, 0 to 1; 0.8 on OpenFace's scale"
    )
    least_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of an emotion's units that must be present at the peak"
    )
    resting: float | None = Field(
        default=20.0, ge=0, le=50, description="Percentile of each unit in the clip that counts as zero; null: zero is"
    )
    while_talking: bool = Field(
        default=False, description="Let AU25 alone, the parted lips of anyone who speaks, name an emotion (doubt)"
    )


class CheckStep(Strict):
    """What is cut from the fine text."""

    unmeasurable: bool = Field(
        default=True, description="Cut sentences that rest on no clue at all; contradicted ones are always cut"
    )
    lint: bool = Field(default=True, description="Cut sentences with leaked numbers, codes or stock phrases")


class Filters(Strict):
    """Filter → drop the item, mark it, or do not look."""

    nobody_speaks: Action = "drop"
    speaker_off_screen: Action = "mark"
    label_and_text_disagree: Action = "mark"
    rule_and_recogniser_disagree: Action = "mark"
    description_length: Action = "drop"
    duplicate: Action = "drop"
    least_words: int = Field(default=5, ge=0)
    """Words of a fine description, at least."""
    most_words: int = Field(default=200, gt=0)
    least_face: float = Field(default=0.3, ge=0, le=1)
    """Share of the clip in which the speaker's face is seen, at least."""


class Media(Strict):
    """Whose the recordings are; a column of the label table overrides either for its clip."""

    licence: str = Field(default="", description="Of the media")
    consent: str = Field(default="", description="Of the people in it, in a few words")


class AnnotateConfig(Strict):
    """Everything about one run. What is left out has a default that needs no language model."""

    pipeline: str = Field(
        default="default", description="Whose preparers, encoders and reasoner measure and recognise: a name or a file"
    )
    changes: dict[str, Any] = Field(default_factory=dict, description="Slots of it that are swapped")
    decode: dict[str, Any] = Field(default_factory=dict, description="Options of affekt_media.load, such as fps: 10")
    face: FaceStep = FaceStep()
    tone: Use = Field(
        default=Use(use="rules"), description="rules: measured prosody in words; or a preparer that describes sound"
    )
    scene: Use | None = Field(default=None, description="A preparer that describes pictures; null: not looked at")
    fine: Use = Field(
        default=Use(use="rules"),
        description="rules; pipeline: what the pipeline's reasoner wrote; openai: a chat endpoint",
    )
    label_from: tuple[Literal["given", "rule", "recogniser"], ...] = ("given", "rule")
    check: CheckStep = CheckStep()
    filters: Filters = Filters()
    media: Media = Media()


def read(path: Path | None) -> AnnotateConfig:
    """The configuration of a file; the defaults without one.

    Raises:
        SpecError: the file cannot be read or has problems, all of them listed.
    """
    if path is None:
        return AnnotateConfig()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f'"{path}" cannot be read: {error}', hint="--config FILE, a YAML file") from error
    document, problems = parse(text)
    if document is None and not problems:
        document = {}
    if not isinstance(document, dict) and not problems:
        problems = [f"it should hold keys and values; found {type(document).__name__}"]
    if not problems:
        try:
            return AnnotateConfig.model_validate(document)
        except ValidationError as error:
            problems = [f"{key}: {what}" for key, what in option_problems(AnnotateConfig, error)]
    listed = "\n".join(f"  {problem}" for problem in problems)
    raise SpecError(f'"{path}" has problems:\n{listed}', hint=f"keys are {', '.join(AnnotateConfig.model_fields)}")
