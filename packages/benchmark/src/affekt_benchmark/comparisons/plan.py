"""What an ablation compares, as a YAML file: a suite, and variants of which the first is what the others are held to.

    suite: ravdess
    limit: 216
    measures: [uar, f1.weighted_f1]        # the suite's own unless given
    variants:
      layer 2: {probe: {speech: {use: whisper, layers: [2]}}}
      layers 1 to 4: {probe: {speech: {use: whisper, layers: [1, 2, 3, 4]}}}
      the whole pipeline: {pipeline: default}
      without words: {pipeline: default, set: {words: null}}
      trained without LoRA: {train: stage-2.yaml, change: {lora: null}, pipeline: default}

A probe is a logistic regression on pooled, frozen features, tested on speakers it never heard. A pipeline answers as it
is, whomever it was trained on. `train` runs a configuration of affekt-training with some keys changed, and puts the
model into the pipeline's fuser and reasoner. Where it reads the suite's data set and that has folds, a model is trained
for each fold, without it, and answers its clips; a key is any that `affekt train --set` takes (`data.0.limit`).
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from affekt import AffektError, PipelineSpec, plugins, yaml_file
from affekt.slots import Use
from affekt.suggestions import did_you_mean
from affekt_datasets import Protocol
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from affekt_benchmark.comparisons.retraining import configured
from affekt_benchmark.material.cases import Choice
from affekt_benchmark.material.fold_models import with_model
from affekt_benchmark.material.suites import BenchmarkError, find

Pool = Literal["mean", "std", "max"]


class Probe(BaseModel):
    """A logistic regression on encoders' features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoders: Mapping[str, Use]
    """Slot → encoder."""
    pool: tuple[Pool, ...] = ("mean", "std")
    """How features are pooled over time, side by side."""
    take: Mapping[str, tuple[int, int]] = {}
    """Slot → (which, of how many) equal blocks of columns: one layer of many that were encoded at once."""
    join: Literal["early", "late"] = "early"
    """Columns side by side, or the mean of each slot's own log-probabilities."""
    penalty: float = Field(default=100.0, gt=0)
    """The weight of the penalty of squared weights of standardised columns; larger is smoother."""


class Variant(BaseModel):
    """One row of the table: a probe, or a pipeline with changes, with a model that is trained for it where asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    probe: Mapping[str, Use] | None = None
    pool: tuple[Pool, ...] = ("mean", "std")
    take: Mapping[str, tuple[int, int]] = {}
    join: Literal["early", "late"] = "early"
    penalty: float = Field(default=100.0, gt=0)
    pipeline: str | None = None
    set: Mapping[str, Any] = {}
    train: str | None = None
    """A configuration of affekt-training: a file, from the plan's folder on, or a preset."""
    change: Mapping[str, Any] = {}
    """Keys of that configuration → other values."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.probe is None) == (self.pipeline is None):
            raise ValueError("a variant is either a probe or a pipeline")
        if self.train is not None and self.pipeline is None:
            raise ValueError("a model that is trained answers in a pipeline: pipeline is missing")
        if self.change and self.train is None:
            raise ValueError("change says what differs in a training: train is missing")
        return self

    def as_probe(self) -> Probe | None:
        """The probe, if it is one."""
        if self.probe is None:
            return None
        return Probe(encoders=self.probe, pool=self.pool, take=self.take, join=self.join, penalty=self.penalty)

    def as_pipeline(self, model: Path | None = None) -> PipelineSpec:
        """The pipeline, with its changes.

        Args:
            model: the saved model that was trained for it.

        Raises:
            SpecError: there is no such pipeline, slot or option.
            BenchmarkError: there is a model, and the pipeline takes none.
        """
        spec = PipelineSpec.read(self.pipeline or "default")
        if self.set:
            spec = spec.swap(**self.set)
        return spec if model is None else with_model(spec, model)


class Plan(BaseModel):
    """A whole ablation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    limit: int | None = Field(default=None, ge=1)
    seed: int = 0
    split: tuple[str, ...] = ()
    """The splits of the data set, instead of the suite's own."""
    folds: Protocol = 6
    """The folds of probes: "official", "leave-one-session-out", "leave-one-speaker-out", or a number of folds."""
    fold: str | None = None
    """Compare on the test clips of this fold of the protocol alone."""
    measures: tuple[str, ...] = ()
    """What the variants are compared by, MEASURE or EVALUATOR.MEASURE; empty takes all that the suite shows."""
    evaluators: Mapping[str, Mapping[str, Any]] = {}
    """Evaluator → options that differ from the suite's, or a further evaluator."""
    about: str = ""
    variants: Mapping[str, Variant] = Field(min_length=2)

    @property
    def choice(self) -> Choice:
        """The clips that are compared on. A number of folds is of probes alone, unless one of them is chosen."""
        counted = isinstance(self.folds, int) and (self.fold is None or "folds" not in self.model_fields_set)
        return Choice(split=self.split, protocol="official" if counted else self.folds, fold=self.fold,
                      limit=self.limit, seed=self.seed)  # fmt: skip

    @classmethod
    def read(cls, source: str) -> Self:
        """A file, or a plan that ships with this package.

        Raises:
            BenchmarkError: there is none, or it has problems, all of them listed.
        """
        path = Path(source)
        plans = shipped()
        if not path.is_file() and source not in plans:
            raise BenchmarkError(
                f'"{source}" is neither a file nor a plan{did_you_mean(source, plans)}',
                hint=f"a YAML file, or one of {', '.join(plans)}",
            )
        text = plans[source] if source in plans else path.read_text(encoding="utf-8")
        data, problems = yaml_file.parse(text)
        try:
            plan = cls.model_validate(data)
        except ValidationError as error:
            problems += [f"{'.'.join(map(str, p['loc']))}: {p['msg'].lower()}" for p in error.errors()]
        else:
            plan = plan._beside(path.parent if path.is_file() else Path())
            problems += list(plan.problems())
        if problems:
            raise BenchmarkError(f"{source} has problems:\n" + "\n".join(f"  {problem}" for problem in problems))
        return plan

    def _beside(self, folder: Path) -> Self:
        """With the trainings' files found from the plan's folder on."""
        return self.model_copy(update={"variants": {
            name: variant.model_copy(update={"train": str(folder / variant.train)})
            if variant.train is not None and (folder / variant.train).is_file() else variant
            for name, variant in self.variants.items()
        }})  # fmt: skip

    def problems(self) -> list[str]:
        """What only the installed plugins can tell."""
        problems = []
        probes = [name for name, variant in self.variants.items() if variant.probe is not None]
        if self.fold is not None and probes:
            problems.append(f"fold: a probe is cross-validated over all folds, as {probes[0]} is")
        try:
            suite = find(self.suite)
            if suite.parts:
                problems.append(
                    f"suite: {suite.name} has parts; compare on one: {', '.join(p.name for p in suite.parts)}"
                )
            elif suite.vocabulary is None and probes:
                problems.append(
                    f"variants.{probes[0]}: a probe answers closed labels, which {suite.name} does not have"
                )
            options = {**suite.evaluators, **{name: {} for name in self.evaluators}}
            for name, own in options.items():
                plugins().create("evaluator", name, **{**own, **self.evaluators.get(name, {})})
        except BenchmarkError as error:
            problems.append(f"suite: {error.message}")
        except AffektError as error:
            problems.append(f"evaluators: {error.message}")
        for name, variant in self.variants.items():
            try:
                if variant.probe is None:
                    variant.as_pipeline().check()
                if variant.train is not None:
                    configured(variant.train, variant.change, Path("out"))
                for use in (variant.probe or {}).values():
                    plugins().create("encoder", use.use, **use.options)
            except Exception as error:
                problems.append(f"variants.{name}: {error}")
        return problems


def shipped() -> dict[str, str]:
    """Plans of this package: name → YAML."""
    folder = files("affekt_benchmark").joinpath("data/ablations")
    return {path.name.removesuffix(".yaml"): path.read_text(encoding="utf-8") for path in sorted(
        folder.iterdir(), key=lambda path: path.name) if path.name.endswith(".yaml")}  # fmt: skip
