"""Announces the components. Imported to list plugins: keep it free of clients and frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """Three roles of one name: what differs is what is asked."""
    yield ComponentInfo(
        role="preparer",
        name="openai",
        target="affekt_openai.describer:OpenAIDescriber",
        summary="Describes the pictures in words and notes it in the clip, through any OpenAI-compatible endpoint",
    )
    yield ComponentInfo(
        role="reasoner",
        name="openai",
        target="affekt_openai.reasoner:OpenAIReasoner",
        summary="Asks a vision-language model what is felt, through any OpenAI-compatible endpoint (GPT-4V's baseline)",
    )
    yield ComponentInfo(
        role="evaluator",
        name="openai",
        target="affekt_openai.judge:OpenAIJudge",
        summary="EMER clue and label overlap, rated through any OpenAI-compatible endpoint",
    )
