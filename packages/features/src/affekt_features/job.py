"""An extraction as plain data, so that it reaches worker processes and other machines; and what came of each clip."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from affekt import OptionsError, PipelineSpec, Registry, Use, plugins
from affekt.problems import Problem, hint
from affekt.slots import use_problems
from affekt_datasets import Sample


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which features of which clips go where."""

    store: str
    """A folder or a URL."""
    encoders: Mapping[str, Use]
    """Slot → encoder."""
    prepare: Mapping[str, Use] = field(default_factory=dict)
    """Slot → preparer, in the order they run."""
    decode: Mapping[str, Any] = field(default_factory=dict)
    """Options of `affekt_media.load`."""
    batch_size: int = 1
    """Clips encoded together. A kill repeats at most one batch."""

    def check(self, registry: Registry | None = None) -> None:
        """Looks for wrong names and options before anything runs.

        Raises:
            OptionsError: there are some, all listed.
        """
        registry = registry or plugins()
        slots = [((slot, "encoder"), use) for slot, use in self.encoders.items()]
        slots += [((slot, "preparer"), use) for slot, use in self.prepare.items()]
        problems = [what for key, use in slots for what in use_problems(key, use.model_dump(), registry)]  # type: ignore[arg-type]
        if not self.encoders:
            problems.append(Problem("no encoder is named"))
        if problems:
            listed = "\n  ".join(problem.text for problem in problems)
            raise OptionsError(f"this extraction cannot run:\n  {listed}", hint=hint(problems))

    def to_json(self) -> str:
        """On one line."""
        plain = {**self.__dict__, "encoders": _plain(self.encoders), "prepare": _plain(self.prepare)}
        return json.dumps({**plain, "decode": dict(self.decode)})

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """What `to_json` wrote."""
        data = json.loads(text)
        for section in ("encoders", "prepare"):
            data[section] = {slot: Use.model_validate(use) for slot, use in data[section].items()}
        return cls(**data)

    @classmethod
    def of_pipeline(cls, spec: PipelineSpec, store: str, **more: Any) -> "Job":
        """The preparers and encoders of a pipeline."""
        return cls(store=store, encoders=spec.encoders, prepare=spec.prepare, **more)


def _plain(uses: Mapping[str, Use]) -> dict[str, Any]:
    return {slot: use.model_dump(mode="json", exclude_none=True) for slot, use in uses.items()}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one clip."""

    id: str
    computed: tuple[str, ...] = ()
    """Slots whose features were computed now."""
    reused: tuple[str, ...] = ()
    """Slots whose features were there."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Slot → why the clip has no features there."""
    error: str | None = None
    """Why it could not be done at all."""
    corrupt: int = 0
    """Entries that were there and not whole."""
    written: int = 0
    """Bytes."""
    media: int = 0
    """Bytes of its media."""

    def to_json(self) -> str:
        """On one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        """What `to_json` wrote."""
        data = json.loads(text)
        return cls(**{**data, "computed": tuple(data["computed"]), "reused": tuple(data["reused"])})


def sample_to_json(sample: Sample) -> str:
    """A sample on one line."""
    plain = {f.name: getattr(sample, f.name) for f in fields(sample)}
    plain |= {"media": None if sample.media is None else str(sample.media), "notes": dict(sample.notes)}
    return json.dumps(plain)


def sample_from_json(text: str) -> Sample:
    """What `sample_to_json` wrote."""
    data = json.loads(text)
    media = data.pop("media")
    return Sample(**{**data, "media": None if media is None else Path(media), "labels": tuple(data["labels"])})
