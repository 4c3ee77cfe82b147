"""Announces the reasoner and the default pipeline. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, PipelineInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """The reasoner."""
    yield ComponentInfo(
        role="reasoner",
        name="heads",
        target="affekt_heads.reasoner:HeadsReasoner",
        summary="Calibrated heads for voice, face and words, fused over nine emotions, with checked reasons",
        languages=("en",),
    )


@hookimpl
def affekt_pipelines() -> Iterator[PipelineInfo]:
    """The default pipeline."""
    yield PipelineInfo(
        name="default",
        package="affekt_heads",
        path="default.yaml",
        summary="Voice, face and words through calibrated heads; answers with Kokoro",
    )
