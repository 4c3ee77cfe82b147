"""What must be there before something is said: a speaker in the pipeline, and what marks speech as synthetic."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affekt import PipelineSpec, Use


def require_speaker(spec: "PipelineSpec") -> "tuple[Use, Any]":
    """The pipeline's speaker: how it is named there, and the component, without its weights.

    Raises:
        SpecError: the pipeline has no speaker.
        ComponentNotFound, PluginFailed, OptionsError: it cannot be made.
    """
    from affekt import SpecError, plugins

    if spec.speaker is None:
        raise SpecError(f'the pipeline "{spec.name}" has no speaker', hint="--set speaker=kokoro")
    return spec.speaker, spec.speaker.create("speaker", plugins())


def require_voices(output: Path) -> Any:
    """The package that marks speech, without which nothing is written; asked first whether it can write such a file."""
    from affekt import AffektError, MissingDependency

    try:
        import affekt_voices
    except ImportError as error:
        raise MissingDependency(
            f"speech is only written with a watermark, which needs affekt-voices: {error}",
            hint="pip install affekt-voices",
        ) from error
    affekt_voices.require_format(output)
    if output.is_dir():
        raise AffektError(f'cannot write "{output}": it is a folder', hint=f"{output / 'reply.wav'}")
    return affekt_voices
