"""The step `words`: what is said, with times; of other languages an English translation, marked as one."""

from functools import cache
from typing import Any

from affekt import AffektError, Clip, MissingDependency, OptionsError, Use

from affekt_annotate.annotation import Spoken

TRANSLATOR = "whisper"
DEFAULT_MODEL = "whisper-base"


def spoken(clip: Clip) -> Spoken:
    """The transcript that the clip's preparers wrote or its subtitles hold."""
    if not (clip.text or "").strip():
        return Spoken(state="absent", reason=clip.why_missing("text"))
    words = tuple((round(word.start, 3), round(word.end, 3), word.text) for word in clip.words)
    return Spoken(state="measured", text=" ".join((clip.text or "").split()), language=clip.language, words=words)


def translated(words: Spoken, clip: Clip, use: Use | None) -> Spoken:
    """The words with their translation, where they are in another language and one is asked for."""
    if use is None or words.state != "measured" or words.language in (None, "en"):
        return words
    model = str(use.options.get("model", DEFAULT_MODEL))
    if clip.audio is None:
        return words.model_copy(update={"reason": f"not translated: {clip.why_missing('audio')}"})
    try:
        text = _translate(clip, model, words.language)
    except AffektError as error:
        return words.model_copy(update={"reason": f"not translated: {error.message}"})
    return words.model_copy(update={"translation": text, "translator": f"{use.use} ({model})"})


def check(use: Use | None) -> None:
    """Looks for a wrong translator before anything runs.

    Raises:
        OptionsError: it is no translator, or an option of it is unknown.
    """
    if use is None:
        return
    if use.use != TRANSLATOR or use.options.keys() - {"model"}:
        raise OptionsError(
            f'words.translate: there is no translator "{use.use}" with the options {sorted(use.options)}',
            hint="translate: whisper, or {use: whisper, model: whisper-base}",
        )


def _translate(clip: Clip, model: str, language: str | None) -> str:
    assert clip.audio is not None
    if clip.audio.sample_rate != 16_000:
        raise OptionsError("Whisper hears 16 kHz", hint="decode: {sample_rate: 16000}")
    segments, _ = _whisper(model).transcribe(
        clip.audio.samples, task="translate", language=language, vad_filter=True, condition_on_previous_text=False
    )
    return " ".join(segment.text.strip() for segment in segments)


@cache
def _whisper(model: str) -> Any:
    try:
        from affekt_whisper.checkpoint import faster_whisper_folder
        from faster_whisper import WhisperModel  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency(
            f"translation needs affekt-whisper: {error}", hint='pip install "affekt-annotate[translate]"'
        ) from error
    return WhisperModel(
        str(faster_whisper_folder(model, None)), device="cpu", compute_type="int8", local_files_only=True
    )
