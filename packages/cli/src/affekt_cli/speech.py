"""`affekt speak` and `affekt respond`: an answer aloud, marked as synthetic."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from affekt_cli.exits import ExitCode, writing
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker
from affekt_cli.speaker import require_speaker, require_voices

if TYPE_CHECKING:
    from affekt import Pipeline as Running
    from affekt import PipelineSpec, SpeechRequest
    from affekt_reply import Reply

Output = Annotated[Path, typer.Option("--output", "-o", help="The wave file to write.")]
Pipeline = Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)]
Intensity = Annotated[float, typer.Option(min=0, max=1, help="0 is neutral, 1 the strongest the speaker can do.")]
Voice = Annotated[str | None, typer.Option(help="A voice of the speaker's.", show_default="its own")]
Language = Annotated[str, typer.Option(help="ISO 639-1.")]
UntilFelt = Annotated[
    bool, typer.Option("--until-felt", help="Listen to the result and adjust it until what was meant is heard.")
]
Attempts = Annotated[int, typer.Option(min=1, max=50, help="How often --until-felt tries.")]
Best = Annotated[bool, typer.Option("--best", help="Where --until-felt fails, write its best attempt all the same.")]


def speak(
    text: Annotated[str | None, typer.Argument(help="What to say.", show_default=False)] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The wave file to write.", show_default=False)
    ] = None,
    emotion: Annotated[str, typer.Option(help="How: neutral, happy, sad, angry, ...")] = "neutral",
    intensity: Intensity = 0.6,
    voice: Voice = None,
    language: Language = "en",
    style: Annotated[str, typer.Option(help="More about how, in words: slower, softer, ...")] = "",
    until_felt: UntilFelt = False,
    attempts: Attempts = 8,
    best: Best = False,
    voices: Annotated[
        bool,
        typer.Option("--list-voices", help="List the speaker's voices; with -o PAGE.html, write a page to listen to."),
    ] = False,
    pipeline: Pipeline = "default",
    settings: Settings = None,
) -> None:
    """Say a text in an emotion, as a watermarked wave file."""
    from affekt import SpeechRequest

    from affekt_cli.voice_list import list_voices

    if voices:
        list_voices(read_spec(pipeline, settings or ()), text, output)
        return
    if text is None:
        raise typer.BadParameter('say what, such as "Good morning."', param_hint="TEXT")
    if output is None:
        raise typer.BadParameter("say where to, such as -o reply.wav", param_hint="--output")
    request = SpeechRequest(
        text=text, emotion=emotion, intensity=intensity, voice=voice, language=language, style=style
    )
    reply = say(read_spec(pipeline, settings or ()), request, output, attempts=attempts * until_felt, best=best)
    raise typer.Exit(exit_code(reply, best))


def respond(
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="The recording to answer.")],
    output: Output,
    text: Annotated[
        str | None, typer.Option(help="What to say.", show_default="what the reasoner writes, where it can")
    ] = None,
    emotion: Annotated[
        str | None, typer.Option(help="How to say it.", show_default="the emotion recognised in the clip")
    ] = None,
    intensity: Intensity = 0.6,
    voice: Voice = None,
    language: Language = "en",
    until_felt: UntilFelt = False,
    attempts: Attempts = 8,
    best: Best = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, nothing else on stdout.")] = False,
    pipeline: Pipeline = "default",
    settings: Settings = None,
) -> None:
    """Analyse a recording and answer it aloud, in the emotion recognised there unless --emotion says another.

    Where no emotion is claimed, the answer is neutral. With --until-felt the answer is listened to and adjusted; where
    what was meant is never heard, nothing is written, unless --best asks for the best attempt.
    """
    from dataclasses import replace

    from affekt_reply import answer, require_writer, written

    from affekt_cli.analyze import analyze_one
    from affekt_cli.answering import answers_only, print_json, show
    from affekt_cli.needs import VOICES, of_distribution, of_pipeline, pull

    with answers_only(as_json) as answers:
        require_voices(output)
        spec = read_spec(pipeline, settings or ())
        require_speaker(spec)
        ear = without_speaker(spec).build()
        if text is None:
            require_writer(ear)
        pull(of_pipeline(spec), of_distribution(VOICES))
        felt = analyze_one(ear, clip)
        if not as_json:
            show(felt)
        reply_text = text if text is not None else written(ear, felt, language)
        request = answer(felt, reply_text, emotion, intensity, voice, language)
        reply = say(spec, request, output, attempts=attempts * until_felt, best=best, ear=ear)
        code = exit_code(reply, best)
        if as_json:
            where = None if code else str(output)
            print_json({**replace(reply, felt=felt).to_dict(), "written": where}, answers, several=False)
    raise typer.Exit(code)


def exit_code(reply: "Reply", best: bool) -> ExitCode:
    """1 where what was meant was not heard and nothing was written."""
    return ExitCode.INPUT if reply.succeeded is False and not best else ExitCode.DONE


def say(
    spec: "PipelineSpec",
    request: "SpeechRequest",
    output: Path,
    *,
    attempts: int = 0,
    best: bool = False,
    ear: "Running | None" = None,
) -> "Reply":
    """Speaks with the pipeline's speaker, and writes the file with its mark or not at all.

    Args:
        attempts: how often the result is listened to and adjusted; 0 for not at all.
        best: write the best attempt where what was meant was never heard; else nothing is written then.
        ear: the pipeline without its speaker, where it is built already.

    Raises:
        MissingDependency: affekt-voices, which marks speech as synthetic, is not installed.
        SpecError: the pipeline has no speaker.
    """
    from dataclasses import replace

    from affekt_reply import Reply, closed_loop

    from affekt_cli.attempts import show_attempts
    from affekt_cli.needs import VOICES, of_components, of_distribution, of_pipeline, pull
    from affekt_cli.progress import steps

    voices = require_voices(output)
    used, speaker = require_speaker(spec)
    pull(of_pipeline(spec) if attempts else of_components([("speaker", used)]), of_distribution(VOICES))
    with steps(output.name) as on_progress:
        on_progress("speaker")
        if attempts:
            running = replace(ear or without_speaker(spec).build(), speaker=speaker)
            reply = closed_loop(
                running, request, attempts, on_progress=lambda attempt: on_progress(f"heard {attempt.grew}")
            )
        else:
            reply = Reply(result=speaker.speak([request])[0])
        if exit_code(reply, best) is ExitCode.DONE:
            on_progress("watermark")
            with writing(output):
                output.parent.mkdir(parents=True, exist_ok=True)
                voices.write_speech(reply.result, output)
    show_attempts(reply)
    typer.echo(_outcome(reply, output, best), err=True)
    return reply


def _outcome(reply: "Reply", output: Path, best: bool) -> str:
    if exit_code(reply, best) is not ExitCode.DONE:
        return f'What was meant was not heard, so "{output}" was not written.\nTry: --best, or another text'
    spoken = reply.result.request
    how = f"{reply.result.audio.duration:.1f} s, {spoken.emotion}, intensity {spoken.intensity:g}"
    unheard = " What was meant was not heard in it: it is the best attempt." if reply.succeeded is False else ""
    return f"Wrote {output}: {how}; synthetic speech, watermarked.{unheard}"
