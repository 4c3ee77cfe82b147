"""Encoders that compute nothing: they give each clip what was imported for its name, see `ready_made`."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from affekt import Clip, Component, Features, Missing, Modality
from pydantic import Field

from affekt_features.ready_made import imported
from affekt_features.store import FeatureStore

Store = Annotated[str, Field(description="The store they were imported into")]


class ImportedAudio(Component):
    """Ready-made features of sound, such as MER2023's HL-UTT."""

    modality: ClassVar[Modality] = "audio"
    reads: ClassVar[tuple[str, ...]] = ("id",)

    features: str = Field(description="As they were imported: HL-UTT")
    store: Store = "features"

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return imported(FeatureStore(self.store), self.features, [clip.id for clip in clips])


class ImportedFace(Component):
    """Ready-made features of the face, such as MER2023's mae_340_UTT and maeV_399_UTT."""

    modality: ClassVar[Modality] = "face"
    reads: ClassVar[tuple[str, ...]] = ("id",)

    features: str = Field(description="As they were imported: mae_340_UTT")
    store: Store = "features"

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return imported(FeatureStore(self.store), self.features, [clip.id for clip in clips])


class ImportedText(Component):
    """Ready-made features of words."""

    modality: ClassVar[Modality] = "text"
    reads: ClassVar[tuple[str, ...]] = ("id",)

    features: str = Field(description="As they were imported")
    store: Store = "features"

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return imported(FeatureStore(self.store), self.features, [clip.id for clip in clips])
