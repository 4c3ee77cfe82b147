"""`affekt speak` and `affekt respond`: an answer aloud, marked as synthetic."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affekt_cli.exits import writing
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker

if TYPE_CHECKING:
    from affekt import Analysis, PipelineSpec, SpeechRequest

Output = Annotated[Path, typer.Option("--output", "-o", help="The wave file to write.")]
Pipeline = Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)]
Intensity = Annotated[float, typer.Option(min=0, max=1, help="0 is neutral, 1 the strongest the speaker can do.")]
Voice = Annotated[str | None, typer.Option(help="A voice of the speaker's.", show_default="its own")]
Language = Annotated[str, typer.Option(help="ISO 639-1.")]


def speak(
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Output,
    emotion: Annotated[str, typer.Option(help="How: neutral, happy, sad, angry, ...")] = "neutral",
    intensity: Intensity = 0.6,
    voice: Voice = None,
    language: Language = "en",
    pipeline: Pipeline = "default",
    settings: Settings = None,
) -> None:
    """Say a text in an emotion, as a watermarked wave file."""
    from affekt import SpeechRequest

    request = SpeechRequest(text=text, emotion=emotion, intensity=intensity, voice=voice, language=language)
    say(read_spec(pipeline, settings or ()), request, output)


def respond(
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="The recording to answer.")],
    text: Annotated[str, typer.Option(help="What to say.")],
    output: Output,
    emotion: Annotated[
        str | None, typer.Option(help="How to say it.", show_default="the emotion recognised in the clip")
    ] = None,
    intensity: Intensity = 0.6,
    voice: Voice = None,
    language: Language = "en",
    pipeline: Pipeline = "default",
    settings: Settings = None,
) -> None:
    """Analyse a recording and answer it aloud, in the emotion recognised there unless --emotion says another.

    Where no emotion is claimed, the answer is neutral.
    """
    from affekt_cli.analyze import analyze_one, show
    from affekt_cli.needs import VOICES, of_distribution, of_pipeline, pull

    require_voices()
    spec = read_spec(pipeline, settings or ())
    pull(of_pipeline(spec), of_distribution(VOICES))
    felt = analyze_one(without_speaker(spec).build(), clip)
    show(felt)
    say(spec, answer(felt, text, emotion, intensity, voice, language), output)


def answer(
    felt: "Analysis", text: str, emotion: str | None, intensity: float, voice: str | None, language: str
) -> "SpeechRequest":
    """What to say in answer to a recording: mirrors its emotion, and is neutral where none was claimed."""
    from affekt import SpeechRequest

    mirrored = "neutral" if felt.prediction.abstained else felt.label
    return SpeechRequest(
        text=text,
        emotion=emotion or mirrored,
        intensity=intensity,
        voice=voice,
        language=language,
        style=felt.rationale,
    )


def say(spec: "PipelineSpec", request: "SpeechRequest", output: Path) -> None:
    """Speaks with the pipeline's speaker, and writes the file with its mark or not at all.

    Raises:
        MissingDependency: affekt-voices, which marks speech as synthetic, is not installed.
        SpecError: the pipeline has no speaker.
    """
    from affekt import SpecError, plugins

    from affekt_cli.needs import VOICES, of_components, of_distribution, pull
    from affekt_cli.progress import steps

    voices = require_voices()
    if spec.speaker is None:
        raise SpecError(f'the pipeline "{spec.name}" has no speaker', hint="--set speaker=kokoro")
    speaker = plugins().create("speaker", spec.speaker.use, **spec.speaker.options)
    pull(of_components([("speaker", spec.speaker)]), of_distribution(VOICES))
    with steps(output.name) as step:
        step("speaker")
        result = speaker.speak([request])[0]
        step("watermark")
        with writing(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            voices.write_speech(result, output)
    how = f"{request.emotion}, intensity {request.intensity:g}"
    typer.echo(f"Wrote {output}: {result.audio.duration:.1f} s, {how}; synthetic speech, watermarked.", err=True)


def require_voices() -> Any:
    """The package that marks speech; without it nothing is written."""
    from affekt import MissingDependency

    try:
        import affekt_voices
    except ImportError as error:
        raise MissingDependency(
            f"speech is only written with a watermark, which needs affekt-voices: {error}",
            hint="pip install affekt-voices",
        ) from error
    return affekt_voices
