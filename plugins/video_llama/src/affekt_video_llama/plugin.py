"""Announces the reasoner. Imported to list plugins: keep it free of torch."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """Announces the reasoner."""
    yield ComponentInfo(
        role="reasoner",
        name="video-llama",
        target="affekt_video_llama.reasoner:VideoLlamaReasoner",
        summary="A video language model (Video-LLaVA, Qwen2.5-VL) that scores emotions and explains the likeliest",
        licence="Apache-2.0 (the code); the language model inside is Vicuna, under the LLaMA 2 community licence",
        size=14_800_000_000,
    )
