"""Action units of OpenFace 2, from wherever they can be had."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from affekt import (
    Clip,
    Component,
    ComponentNotFound,
    Encoder,
    Features,
    Missing,
    MissingDependency,
    Modality,
    plugins,
)
from affekt_encoding.frames import spans_of
from pydantic import Field

from affekt_openface import program
from affekt_openface.table import Units, read


class OpenFaceEncoder(Component):
    """Strength of 17 action units in every frame that shows the face; `Features.source` says where they come from.

    In this order: a CSV that OpenFace wrote, found by the name of the clip; OpenFace's program, run on the clip's
    pictures, where it is installed; the action units of affekt-face, whose columns are others.
    """

    modality: ClassVar[Modality] = "face"

    source: Literal["auto", "csv", "program", "face"] = Field(
        default="auto", description="The first that there is, or only OpenFace's CSV, its program, or affekt-face"
    )
    folder: str | None = Field(
        default=None,
        description="Holds OpenFace's CSVs, named as the clips; when not given they lie where the clip's id points",
    )
    program: str = Field(default="FeatureExtraction", description="OpenFace's program: a name on the PATH, or a path")
    patience: float = Field(default=600.0, gt=0, description="Seconds that the program may take for a clip")
    confidence: float = Field(default=0.5, ge=0, le=1, description="How sure OpenFace must be of a face, 0 to 1")
    scale: Literal["0-1", "0-5"] = Field(
        default="0-1", description="Of strength: 0 to 1 as other encoders of action units have it, or OpenFace's own"
    )
    presence: bool = Field(
        default=False, description="Add columns that say 0 or 1 (AU12_c); AU28 has no other in OpenFace"
    )

    @cached_property
    def _face(self) -> Encoder:
        try:
            return plugins().create("encoder", "action-units")
        except ComponentNotFound as error:
            raise MissingDependency(
                f"there is neither a CSV of OpenFace's, nor its program {self.program}, nor affekt-face",
                hint="pip install affekt-openface[face]",
            ) from error

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """A row a frame that shows the face, or why there is none."""
        return [self._one(clip) for clip in clips]

    def faces(self, clip: Clip) -> list[Features]:
        """Every face in the clip's table, the one seen in most of the clip's frames, which `encode` gives, first.

        Empty where the clip has no table: OpenFace's program, as it is run here, and affekt-face look at one face.
        """
        path = self._csv(clip)
        return self._from_csv(clip, path) if self.source in ("auto", "csv") and path.is_file() else []

    def _one(self, clip: Clip) -> Features | Missing:
        path = self._csv(clip)
        if self.source in ("auto", "csv") and path.is_file():
            faces = self._from_csv(clip, path)
            return faces[0] if faces else Missing(reason=f'OpenFace saw no face here, says "{path.name}"')
        if self.source == "csv":
            return Missing(reason=f'no table of OpenFace\'s at "{path}"; {clip.why_missing("face")}')
        if self.source in ("auto", "program") and (executable := program.located(self.program)):
            return self._from_program(clip, executable)
        if self.source == "program":
            raise MissingDependency(
                f'OpenFace\'s program "{self.program}" is not installed',
                hint="source: auto, or the path of the program",
            )
        (units,) = self._face.encode([clip])
        return units if isinstance(units, Missing) else replace(units, source="action-units of affekt-face")

    def _csv(self, clip: Clip) -> Path:
        """Windows of a long recording share the recording's table: "talk.mp4@30s" → "talk.csv"."""
        named = Path(clip.id.rpartition("@")[0] if clip.start and "@" in clip.id else clip.id)
        folder = named.parent if self.folder is None else Path(self.folder).expanduser()
        exact = folder / f"{named.name}.csv"
        return exact if exact.is_file() else folder / f"{named.stem}.csv"

    def _from_csv(self, clip: Clip, path: Path) -> list[Features]:
        step = 1 / clip.video.fps if clip.video else 1 / 30
        faces = []
        for units in self._read(path):
            times = units.times - clip.start
            inside = (times > -1e-6) & (times < (clip.duration or float("inf")))
            if inside.any():
                spans = spans_of(times[inside].clip(min=0), step)
                source = f"{path.name} of OpenFace"
                faces.append(Features(values=units.values[inside], spans=spans, names=units.names, source=source))
        return sorted(faces, key=lambda face: len(face.values), reverse=True)

    def _from_program(self, clip: Clip, executable: str) -> Features | Missing:
        if clip.video is None or not len(clip.video.frames):
            return Missing(reason=f"no picture for OpenFace: {clip.why_missing('video')}")
        with program.extracted(executable, clip.video, self.patience) as table:
            faces = self._read(table)
        if not faces:
            return Missing(reason=f"OpenFace saw no face in any of {len(clip.video.frames)} frames")
        units = faces[0]
        spans = spans_of(clip.video.at()[units.frames - 1], 1 / clip.video.fps)
        return Features(
            values=units.values, spans=spans, names=units.names, source=f"{Path(executable).name} of OpenFace"
        )

    def _read(self, path: Path) -> list[Units]:
        return read(path, confidence=self.confidence, presence=self.presence, top=1.0 if self.scale == "0-1" else 5.0)
