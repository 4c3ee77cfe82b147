"""An extraction as plain data, so that it reaches worker processes and other machines; and what came of each clip."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from affekt import OptionsError, PipelineSpec, Registry, Use, plugins
from affekt.problems import Problem, hint
from affekt.slots import make
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
    dataset: str = ""
    """Whose clips they are: under this name the store lists them, see `listings`; empty lists none."""
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Slot of an encoder → the slots of the preparers that run before it; all of them unless it is named."""
    half: Sequence[str] = ()
    """Slots of encoders whose features are stored in half precision."""
    verify: bool = True
    """Read every byte of what is there; without, only its header, and bytes are verified when they are used."""
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
        problems = [what for (slot, role), use in slots for what in make(slot, role, use, registry)[1]]  # type: ignore[arg-type]
        unknown = [name for names in self.needs.values() for name in names if name not in self.prepare]
        problems += [Problem(f'there is no preparer in the slot "{name}"') for name in unknown]
        strange = [slot for slot in self.half if slot not in self.encoders]
        problems += [Problem(f'half: there is no encoder in the slot "{slot}"') for slot in strange]
        if not self.encoders:
            problems.append(Problem("no encoder is named"))
        if problems:
            listed = "\n  ".join(problem.text for problem in problems)
            raise OptionsError(f"this extraction cannot run:\n  {listed}", hint=hint(problems))

    def preparers_of(self, slot: str) -> tuple[str, ...]:
        """The slots of the preparers that run before an encoder, in order."""
        return tuple(self.needs.get(slot, self.prepare))

    def to_json(self) -> str:
        """The job on one line of JSON."""
        plain = {**self.__dict__, "encoders": _plain(self.encoders), "prepare": _plain(self.prepare)}
        needs = {slot: list(names) for slot, names in self.needs.items()}
        return json.dumps({**plain, "decode": dict(self.decode), "needs": needs, "half": list(self.half)})

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """What `to_json` wrote."""
        data = json.loads(text)
        for section in ("encoders", "prepare"):
            data[section] = {slot: Use.model_validate(use) for slot, use in data[section].items()}
        needs = {slot: tuple(names) for slot, names in data["needs"].items()}
        return cls(**{**data, "needs": needs, "half": tuple(data["half"])})

    @classmethod
    def of_pipeline(cls, spec: PipelineSpec, store: str, **more: Any) -> "Job":
        """The preparers and encoders of a pipeline."""
        spec = spec.placed()
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
    keys: Mapping[str, str] = field(default_factory=dict)
    """Slot → the key under which the store has its features, or says that there are none."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Slot → why the clip has no features there."""
    error: str | None = None
    """Why it could not be done at all."""
    corrupt: int = 0
    """Entries that were there and not whole."""
    written: int = 0
    """The bytes that were written."""
    media: int = 0
    """Bytes of its media."""

    def to_json(self) -> str:
        """The outcome on one line of JSON."""
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
