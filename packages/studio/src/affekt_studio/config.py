"""What a studio serves, and what it takes from whom."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

REDIS_VARIABLE = "AFFEKT_STUDIO_REDIS"
"""The environment variable that holds the address of Redis, which may contain a password."""


class SpaceKind(StrEnum):
    """What runs a Space."""

    docker = "docker"
    gradio = "gradio"
    static = "static"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one studio. Beyond any of them a request is refused with an error that names it."""

    upload_bytes: int = 512 << 20
    """The largest size of one request's body."""
    upload_stall_seconds: float = 30.0
    """Time without a byte after which an upload is given up."""
    media_seconds: float = 1800.0
    """Length of a recording."""
    text_characters: int = 4096
    """The most characters of a text that is spoken."""
    session_jobs: int = 50
    """Jobs of one session that wait or run."""
    queued_jobs: int = 200
    """Jobs of everybody that wait or run."""
    requests_a_minute: int = 120
    """New jobs of one session."""
    free_disk_bytes: int = 256 << 20
    """Room that stays free: with less, uploads are refused."""
    kept_seconds: float = 3600.0
    """Time to live of media and results, from the end of the job."""


@dataclass(frozen=True, kw_only=True)
class StudioConfig:
    """One studio: its folder, its pipelines and its workers."""

    folder: Path
    """Holds the queue, uploads and results; with Redis the uploads and results alone, for every machine."""
    redis: str = ""
    """Address of the Redis that holds the queue, for several machines; "" keeps it in the folder, for one."""
    pipelines: Mapping[str, str] = field(default_factory=lambda: {"default": "default"})
    """Name → a pipeline by name, or a YAML file. The first one is taken where none is asked for."""
    workers: int = 1
    """Processes, each of which loads a pipeline once."""
    lease_seconds: float = 10.0
    """A worker that is not heard of for so long has lost its job to another one."""
    attempts: int = 5
    """Times that a job is begun; one whose workers die as often has failed."""
    warm: bool = True
    """Workers load the first pipeline when they start."""
    batch: int = 1
    """Recordings of one window that wait for the same pipeline and go through it together, as a GPU likes it."""
    reviews: Mapping[str, Path] = field(default_factory=dict)
    """Name → a folder of annotations, whose review page is shown."""
    examples: Path | None = None
    """A folder of reports of recordings that were analysed before."""
    readable: tuple[Path, ...] = ()
    """Folders whose files may be named by path; none by default."""
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the command lines of worker processes; the address of Redis goes by the environment."""
        folders = {"folder": str(self.folder), "readable": [str(path) for path in self.readable]}
        return asdict(self) | folders | {"redis": "", "reviews": {}, "examples": None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The configuration that `to_json` wrote, with the address of Redis from the environment."""
        own = dict(data) | {"folder": Path(data["folder"]), "limits": Limits(**data["limits"])}
        own["redis"] = os.environ.get(REDIS_VARIABLE, "")
        return cls(**own | {"readable": tuple(map(Path, data["readable"]))})
