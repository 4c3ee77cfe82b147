"""One stage of training as one YAML file. Every field has a default that a paper or a measurement stands behind."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from affekt import PipelineSpec, SpecError, Use
from affekt.suggestions import did_you_mean
from affekt_datasets import Protocol
from affekt_emotion_llama.language.language_model import Dtype, Lora
from affekt_emotion_llama.language.prompt import LABELS, PromptForm, Task
from affekt_emotion_llama.saved import FuserUse
from affekt_features.store import DEFAULT
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Answer = Literal["label", "clues", "reason", "note", "merr"]
"""What an example's answer is: its label; the measured clues that speak for a label drawn at random, so that nobody's
own label is told; those that speak for its own label; a text that came with the data set (`DataUse.note`); or MERR's
reasoning, without what the prompt does not show (`merr_reasons`)."""


class Strict(BaseModel):
    """Frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskUse(Strict):
    """A task on a data set."""

    task: Task = "emotion"
    answer: Answer = "label"
    share: float = Field(default=1.0, gt=0)
    """How often each of the data set's samples is seen with this task in an epoch; 0.5 means every other epoch."""


class DataUse(Strict):
    """A data set, as `affekt_datasets` reads it, or one that lies in no folder (`heads.sample_sets`)."""

    set: str
    root: Path | None = None
    """The folder of the data set; `$AFFEKT_SHARED/data/SET` unless given. `~` and variables are expanded."""
    options: dict[str, Any] = Field(default_factory=dict)
    """The options of the data set's reader."""
    split: str | None = None
    fold: str | None = None
    """The fold that is left out to be tested on: clips that it tests are not seen. "1" for DFEW's first."""
    protocol: Protocol = "official"
    """What `fold` counts: the makers' folds, "leave-one-session-out", "leave-one-speaker-out", or a number of folds of
    speakers; see `affekt_datasets.folds`."""
    tasks: tuple[TaskUse, ...] = (TaskUse(),)
    note: str | None = None
    """The sample's note that holds the answer text, for `answer: note` ("caption", "smp_reason_caption")."""
    weight: float = Field(default=1.0, gt=0)
    """The weight of the data set's examples in the loss."""
    balanced: bool = False
    """Weigh the examples so that all labels of the set count the same."""
    adjusted: bool = False
    """A probe learns what speaks for each label beside the set's own mixture of labels (Menon et al., 2021): like
    `balanced` its result holds labels to be equally likely, but rare ones get no larger weight."""
    limit: int | None = Field(default=None, gt=0)
    """Samples that are used, drawn by the seed."""
    listed: Path | None = None
    """Only the samples whose ids stand in this file; a bare name may be a list that comes with the presets."""
    speakers: tuple[str, ...] | None = None
    """The speakers that are used; null: all of them."""

    @field_validator("fold", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _protocol_has_a_fold(self) -> "DataUse":
        if self.fold is None and self.protocol != "official":
            raise ValueError(f"protocol: {self.protocol} says how folds are made, but no `fold` is left out")
        return self


class FeatureUse(Strict):
    """Where a slot's features come from: an encoder by name, an import of the store, or a folder of .npy files."""

    use: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, Path] = Field(default_factory=dict)
    """Data set → folder of .npy files named as the samples."""
    imported: str | None = None
    """What `affekt features import` put into the store under this name, by the samples' names."""
    live: bool = False
    """Run the encoder while a batch is made and store nothing: for features that would fill the disk."""
    half: bool = False
    """Store what is computed in half precision."""
    needs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Preparers that run first: name → options ("face-track": {})."""
    only: tuple[str, ...] | None = None
    """Data sets that have it; the slot is missing in the others."""
    explains: bool = False
    """Only needed where explanations are learnt; not made for other data."""
    copies: bool = False
    """Whether distorted copies of the recordings are learnt from too; for voice-statistics alone."""

    @model_validator(mode="after")
    def _one_source(self) -> "FeatureUse":
        sources = [name for name in ("use", "files", "imported") if getattr(self, name)]
        if len(sources) != 1:
            raise ValueError(f"one of `use`, `files` and `imported` is needed; found {' and '.join(sources) or 'none'}")
        if self.live and (self.copies or not self.use):
            raise ValueError("`live` runs the encoder in `use`, without `copies`")
        return self


def features_of(spec: PipelineSpec) -> dict[str, FeatureUse]:
    """Slot → encoder of a pipeline, each with the pipeline's preparers; those that it cannot notice do not count."""
    needs = {use.use: _options(use) for use in spec.prepare.values()}
    return {slot: FeatureUse(use=use.use, options=_options(use), needs=needs) for slot, use in spec.encoders.items()}


def _options(use: Use) -> dict[str, Any]:
    return use.model_dump(mode="json", exclude_none=True, exclude={"use"})


class Validation(Strict):
    """What is held out to stop early and to calibrate. Speakers are never divided."""

    share: float = Field(default=0.1, ge=0, lt=1)
    patience: int | None = Field(default=3, gt=0)
    """Evaluations without improvement after which training stops; null: never."""
    every: int = Field(default=100, gt=0)
    """Steps from one evaluation, and checkpoint, to the next."""
    most: int = Field(default=256, gt=0)
    """Examples that are evaluated."""


class Probe(Strict):
    """Starts chosen projections from a softmax regression on the training samples, see `probe`."""

    projections: tuple[str, ...]
    penalty: float = Field(default=2e-6, gt=0)
    penalties: dict[str, float] = Field(default_factory=dict)
    """Projection → its own penalty."""
    temperatures: dict[str, float] = Field(default_factory=dict)
    """Projection → what its logits are divided by."""
    as_recorded: float | None = Field(default=None, gt=0, lt=1)
    """Share of a sample's weight that its first copy has, beside distorted ones; null: all the same."""


class StageConfig(Strict):
    """Everything about one run."""

    name: str
    out: Path
    start: Path | None = None
    """A saved model to go on from; its LoRA, prompt and labels are taken over, and its projections, if the fuser is the
    same."""
    language_model: str = "meta-llama/Llama-2-7b-chat-hf"
    revision: str | None = None
    dtype: Dtype = "float32"
    """The type of the frozen weights."""
    bits: Literal[4, 8] | None = None
    fuser: FuserUse = FuserUse()
    lora: Lora | None = Lora()
    train_projections: bool = True
    prompt: PromptForm = PromptForm()
    labels: tuple[str, ...] = LABELS
    written: dict[str, str] = Field(default_factory=dict)
    """Label → how it is written as an answer, where that differs; a reading needs single tokens."""
    families: dict[str, str] = Field(default_factory=dict)
    """Label → the label it is called where a source has no name for it (calm: neutral): a probe gives it the same."""
    dims: dict[str, int] = Field(default_factory=dict)
    """Slot → columns of its features, where this stage's data do not tell."""
    lead: str = ""
    """How an explanation begins; `{label}` stands for the label. The model then goes on from there."""
    labels_from: Literal["language model", "tokens"] = "language model"
    """What judges when it is used: the language model, which is asked for each label, or the tokens, each of which says
    how likely every label is (`probe`); the language model then only explains."""
    window: float | None = Field(default=None, gt=0)
    """Seconds that are judged at once when it is used; null: the whole clip."""
    words: str | None = None
    """Slot of sentence vectors."""
    languages: tuple[str, ...] = ()
    """The languages of the words it can read; words in others are left out when it is used. Empty: any."""
    face: str | None = None
    """Slot of expression probabilities, which count less where a mouth talks when it is used."""
    shows_measured: bool = False
    """Show what was observed in words in the prompt of explanations."""
    coordinates: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Label → (valence, arousal)."""
    features: dict[str, FeatureUse]
    pipeline: str | None = None
    """A pipeline by name or file: what it prepares and encodes becomes `features`, and the field is empty again. Slots
    of `features` itself come before its; `SLOT: null` there leaves one out."""
    store: str = DEFAULT
    """Where features are kept: a folder or a URL, by default the one that `affekt extract` fills."""
    data: tuple[DataUse, ...] = Field(min_length=1)
    hold_out: tuple[str, ...] = ()
    """Speakers, with their data set before them (ravdess-03), that nothing here may see."""
    validation: Validation = Validation()
    probe: Probe | None = None
    label_loss: float = Field(default=0.0, ge=0)
    """Weight of the loss over the labels' first pieces alone (those the data set names), beside the answer's own."""
    answer_loss: float = Field(default=1.0, ge=0)
    temperature: float | None = Field(default=None, gt=0)
    """Divides the labels' log-probabilities when the model is used; null: what suits the validation samples."""
    modality_dropout: float = Field(default=0.0, ge=0, lt=1)
    """Chance that a present slot is hidden; one is always kept."""
    noise: float = Field(default=0.0, ge=0)
    """Spread of Gaussian noise on the features, in their own standard deviations."""
    transcripts: bool = True
    """Whether the prompt shows what is said."""
    epochs: float = Field(default=1.0, ge=0)
    """0 saves the model as it starts."""
    batch: int = Field(default=1, gt=0)
    accumulate: int = Field(default=1, gt=0)
    learning_rate: float = Field(default=1e-5, gt=0)
    projection_rate: float | None = Field(default=None, gt=0)
    """Learning rate of the projections, where it differs."""
    minimum_rate: float = Field(default=1e-6, ge=0)
    warmup: int = Field(default=1000, ge=0)
    """Steps over which the rate rises; it then falls along a cosine to `minimum_rate`."""
    weight_decay: float = Field(default=0.05, ge=0)
    clip: float = Field(default=1.0, gt=0)
    bf16: bool = False
    checkpointing: bool = False
    """Recompute activations instead of keeping them."""
    seed: int = 42
    half: bool = False
    """Save matrices in half precision."""
    keep: int = Field(default=2, gt=0)
    """Checkpoints that are kept."""
    licence: str = ""
    """The licence of the data, stated in the saved model."""

    @model_validator(mode="before")
    @classmethod
    def _features_of_the_pipeline(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("pipeline") is None:
            return given
        uses = {**features_of(PipelineSpec.read(given["pipeline"])), **(given.get("features") or {})}
        kept = {slot: use for slot, use in uses.items() if use is not None}
        return {**given, "features": kept, "pipeline": None}

    @model_validator(mode="after")
    def _halves_are_not_mixed(self) -> "StageConfig":
        # autocast joins float32 with its own half precision only: torch.cat would fail at the first step
        if self.bf16 and self.dtype == "float16":
            raise ValueError("dtype: float16 does not mix with bf16: true; dtype: bfloat16 does")
        return self


def presets() -> Mapping[str, Path]:
    """Name → file of the configurations that come with this package."""
    folder = Path(str(files("affekt_training").joinpath("presets")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def config_file(path: Path) -> Path:
    """A file that a configuration names: as it is, or beside the presets.

    Raises:
        SpecError: there is none.
    """
    beside = Path(str(files("affekt_training").joinpath("presets"))) / path
    file = next((candidate for candidate in (path.expanduser(), beside) if candidate.is_file()), None)
    if file is None:
        raise SpecError(f'there is no file "{path}"', hint="a path, or a name beside the presets")
    return file


def read(name: str | Path, changes: Mapping[str, Any] | None = None) -> StageConfig:
    """A configuration from a YAML file or a preset's name, with some keys changed.

    Args:
        changes: key → value. Dots lead into mappings and lists: "data.0.fold" is the fold of the first data set.

    Raises:
        SpecError: there is none, or it is wrong; every problem is listed with its key.
    """
    path = presets().get(str(name), Path(name))
    if not path.is_file():
        raise SpecError(
            f'there is no configuration "{name}"{did_you_mean(str(name), presets())}',
            hint=f"a YAML file, or one of {', '.join(presets())}",
        )
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for key, value in (changes or {}).items():
            _change(settings, key, value)
        return StageConfig.model_validate(settings)
    except yaml.YAMLError as error:
        raise SpecError(f'"{path}" is no YAML: {error}') from error
    except ValidationError as error:
        problems = [f"  {'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise SpecError("\n".join([f'"{path}":', *problems]), hint="the README lists all keys") from error


def _change(settings: dict[str, Any], key: str, value: Any) -> None:
    """Changes one key in place; mappings that the file does not have are made.

    Raises:
        SpecError: the key leads past the end of a list, or into something that holds no keys.
    """
    node: Any = settings
    parts = key.split(".")
    for depth, part in enumerate(parts):
        where = ".".join(parts[:depth])
        index: Any = int(part) if isinstance(node, list) and part.isdecimal() else part
        if isinstance(node, list) and (isinstance(index, str) or index >= len(node)):
            numbers = f"0 to {len(node) - 1}" if node else "none: it is empty"
            raise SpecError(f'"{key}": "{where}" is a list, and "{part}" none of its numbers', hint=numbers)
        if not isinstance(node, list | dict):
            raise SpecError(f'"{key}": "{where}" is {node!r}, which holds no keys', hint=f"{where}=VALUE")
        if depth == len(parts) - 1:
            node[index] = value
            return
        if isinstance(node, dict) and node.get(index) is None:
            node[index] = {}
        node = node[index]
