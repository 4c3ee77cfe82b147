"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl

LICENCE = "Apache-2.0"
SIZE = 16_794_000_000


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="qwen-audio",
        target="affekt_qwen_audio.encoder:QwenAudioEncoder",
        summary="Features of Qwen2-Audio's encoder, 40 ms a row (Chu et al., 2024)",
        sample_rate=16_000,
        licence=LICENCE,
        size=SIZE,
    )
    yield ComponentInfo(
        role="preparer",
        name="qwen-audio",
        target="affekt_qwen_audio.describer:QwenAudioDescriber",
        summary="Describes the tone of voice in words and notes it in the clip, with Qwen2-Audio",
        sample_rate=16_000,
        licence=LICENCE,
        size=SIZE,
    )
