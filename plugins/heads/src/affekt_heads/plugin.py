"""Announces the reasoner, an encoder, a pipeline and weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, PipelineInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_heads.weights import LOUDNESS_PROBE, VOCAL_PROBE, VOICE_HEAD, WORDS_HEAD


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """The reasoner, and the encoder that it shares with others."""
    yield ComponentInfo(
        role="reasoner",
        name="heads",
        target="affekt_heads.reasoner:HeadsReasoner",
        summary="Calibrated heads for voice, face and words, fused over nine emotions, with checked reasons",
        weights=("voice-head", "words-head"),
        languages=("en",),
    )
    yield ComponentInfo(
        role="encoder",
        name="voice-statistics",
        target="affekt_heads.statistics:VoiceStatistics",
        summary="What the voice head sees: mean and deviation of four Whisper layers over speech, a row a window",
        weights=("whisper-base", "loudness-probe", "vocal-probe"),
    )


@hookimpl
def affekt_pipelines() -> Iterator[PipelineInfo]:
    """The pipeline around the reasoner."""
    yield PipelineInfo(
        name="heads",
        package="affekt_heads",
        path="heads.yaml",
        summary="Voice, face and words through calibrated heads, without a language model",
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    """The heads and the probes, which come with this package."""
    yield from (VOICE_HEAD, WORDS_HEAD, LOUDNESS_PROBE, VOCAL_PROBE)
