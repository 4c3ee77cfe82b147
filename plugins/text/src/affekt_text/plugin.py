"""Announces the components, a pipeline and weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, PipelineInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_text.weights import ALL_MINILM_L6, MINILM_EMOTIONS


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """The encoders, and a reasoner for words alone."""
    yield ComponentInfo(
        role="encoder",
        name="minilm",
        target="affekt_text.encoder:MiniLMEncoder",
        summary="Sentences of the transcript as 384 numbers each (Reimers and Gurevych, 2019)",
        weights=("all-minilm-l6",),
        languages=("en",),
    )
    yield ComponentInfo(
        role="encoder",
        name="minilm-emotions",
        target="affekt_text.encoder:EmotionMiniLMEncoder",
        summary="The same, tuned to what texts express: GoEmotions, MELD and EmoryNLP",
        weights=("all-minilm-l6", "minilm-emotions"),
        languages=("en",),
    )
    yield ComponentInfo(
        role="reasoner",
        name="goemotions",
        target="affekt_text.goemotions:GoEmotionsReasoner",
        summary="What the words express, in GoEmotions' 27 emotions or in Ekman's six (Demszky et al. 2020)",
        weights=("minilm-emotions",),
        languages=("en",),
    )


@hookimpl
def affekt_pipelines() -> Iterator[PipelineInfo]:
    """The reasoner with its encoder."""
    yield PipelineInfo(
        name="goemotions",
        package="affekt_text",
        path="goemotions.yaml",
        summary="Words alone, in the emotions that raters of comments named",
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    """MiniLM, and what tunes it."""
    yield from (ALL_MINILM_L6, MINILM_EMOTIONS)
