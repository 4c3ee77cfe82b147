"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, PipelineInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_emotion_llama.weights import EMOTION_LLAMA_MINI


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="fuser",
        name="linear",
        target="affekt_emotion_llama.linear:LinearFuser",
        summary="One linear layer a source, into a language model's embeddings (Emotion-LLaMA: 260 tokens)",
    )
    yield ComponentInfo(
        role="fuser",
        name="conv-attention",
        target="affekt_emotion_llama.conv_attention:ConvAttentionFuser",
        summary="Attention and convolution over streams before the language model (Emotion-LLaMA-v2: 448 tokens)",
    )
    yield ComponentInfo(
        role="fuser",
        name="attention",
        target="affekt_emotion_llama.attention:AttentionFuser",
        summary="One weighted token for all streams and one for each (AffectGPT)",
    )
    yield ComponentInfo(
        role="reasoner",
        name="emotion-llama",
        target="affekt_emotion_llama.reasoner:EmotionLlamaReasoner",
        summary="Labels scored and explained by a language model that reads the clip's tokens (Emotion-LLaMA)",
        weights=("emotion-llama-mini", "smollm2"),
        languages=("en",),
    )


@hookimpl
def affekt_pipelines() -> Iterator[PipelineInfo]:
    yield PipelineInfo(
        name="default",
        package="affekt_emotion_llama",
        path="pipelines/default.yaml",
        summary="Voice, face and words through the small Emotion-LLaMA that ships; answers with Kokoro",
    )
    for name, file, what in (
        ("emotion-llama", "emotion_llama", "as its code runs it (first frame, all faces); needs its weights"),
        (
            "emotion-llama-peak",
            "emotion_llama_peak",
            "as the paper describes it (peak frame, 16 faces); needs its weights",
        ),
        ("emotion-llama-middle", "emotion_llama_middle", "on the middle frame; needs its weights"),
    ):
        yield PipelineInfo(
            name=name,
            package="affekt_emotion_llama",
            path=f"pipelines/{file}.yaml",
            summary=f"Emotion-LLaMA {what}",
        )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield EMOTION_LLAMA_MINI
