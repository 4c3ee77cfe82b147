"""What an ablation compares, as a YAML file: a suite, and variants of which the first is what the others are held to.

    suite: ravdess
    limit: 216
    variants:
      layer 2: {probe: {speech: {use: whisper, layers: [2]}}}
      layers 1 to 4: {probe: {speech: {use: whisper, layers: [1, 2, 3, 4]}}}
      the whole pipeline: {pipeline: default}
      without words: {pipeline: default, set: {reasoner.words: null}}

A probe is a logistic regression on pooled, frozen features, tested on speakers it never heard. A pipeline answers as it
is, whomever it was trained on.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from affekt import PipelineSpec, plugins, yaml_file
from affekt.slots import Use
from affekt.suggestions import did_you_mean
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from affekt_benchmark.suites import BenchmarkError, find

Pool = Literal["mean", "std", "max"]


class Probe(BaseModel):
    """A logistic regression on encoders' features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoders: Mapping[str, Use]
    """Slot → encoder."""
    pool: tuple[Pool, ...] = ("mean", "std")
    """Over time, side by side."""
    take: Mapping[str, tuple[int, int]] = {}
    """Slot → (which, of how many) equal blocks of columns: one layer of many that were encoded at once."""
    join: Literal["early", "late"] = "early"
    """Columns side by side, or the mean of each slot's own log-probabilities."""
    penalty: float = Field(default=100.0, gt=0)
    """Of squared weights of standardised columns; larger is smoother."""


class Variant(BaseModel):
    """One row of the table: a probe, or a pipeline with changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    probe: Mapping[str, Use] | None = None
    pool: tuple[Pool, ...] = ("mean", "std")
    take: Mapping[str, tuple[int, int]] = {}
    join: Literal["early", "late"] = "early"
    penalty: float = Field(default=100.0, gt=0)
    pipeline: str | None = None
    set: Mapping[str, Any] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.probe is None) == (self.pipeline is None):
            raise ValueError("a variant is either a probe or a pipeline")
        return self

    def as_probe(self) -> Probe | None:
        """The probe, if it is one."""
        if self.probe is None:
            return None
        return Probe(encoders=self.probe, pool=self.pool, take=self.take, join=self.join, penalty=self.penalty)

    def as_pipeline(self) -> PipelineSpec:
        """The pipeline, with its changes.

        Raises:
            SpecError: there is no such pipeline, slot or option.
        """
        spec = PipelineSpec.read(self.pipeline or "default")
        return spec.swap(**self.set) if self.set else spec


class Plan(BaseModel):
    """A whole ablation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    limit: int | None = Field(default=None, ge=1)
    seed: int = 0
    folds: int = Field(default=6, ge=2)
    """Of probes; speakers are dealt out over them."""
    evaluator: str = "uar"
    measure: str = "uar"
    """Of the evaluator: what the variants are compared by."""
    about: str = ""
    variants: Mapping[str, Variant] = Field(min_length=2)

    @classmethod
    def read(cls, source: str) -> Self:
        """A file, or a plan that ships with this package.

        Raises:
            BenchmarkError: there is none, or it has problems, all of them listed.
        """
        path = Path(source)
        known = shipped()
        if not path.is_file() and source not in known:
            raise BenchmarkError(
                f'"{source}" is neither a file nor a plan{did_you_mean(source, known)}',
                hint=f"a YAML file, or one of {', '.join(known)}",
            )
        text = known[source] if source in known else path.read_text(encoding="utf-8")
        data, problems = yaml_file.parse(text)
        try:
            plan = cls.model_validate(data)
        except ValidationError as error:
            problems += [f"{'.'.join(map(str, p['loc']))}: {p['msg'].lower()}" for p in error.errors()]
        else:
            problems += list(plan.problems())
        if problems:
            raise BenchmarkError(f"{source} has problems:\n" + "\n".join(f"  {one}" for one in problems))
        return plan

    def problems(self) -> list[str]:
        """What only the installed plugins can tell."""
        found = []
        try:
            if find(self.suite).vocabulary is None:
                found.append(f"suite: {self.suite} has no closed labels to compare variants by")
        except BenchmarkError as error:
            found.append(f"suite: {error.message}")
        for name, variant in self.variants.items():
            try:
                if variant.probe is None:
                    variant.as_pipeline().check()
                for use in (variant.probe or {}).values():
                    plugins().create("encoder", use.use, **use.options)
            except Exception as error:
                found.append(f"variants.{name}: {error}")
        return found


def shipped() -> dict[str, str]:
    """Plans of this package: name → YAML."""
    folder = files("affekt_benchmark").joinpath("data/ablations")
    return {path.name.removesuffix(".yaml"): path.read_text(encoding="utf-8") for path in sorted(
        folder.iterdir(), key=lambda path: path.name) if path.name.endswith(".yaml")}  # fmt: skip
