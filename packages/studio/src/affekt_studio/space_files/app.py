"""The page of a Space on a borrowed GPU: upload or record, see what is felt and why, answer aloud.

`affekt studio space` wrote this folder: `pipeline.yaml` judges, `examples` holds what was judged before, and
`requirements.txt` holds the versions. `python app.py` serves the same page on any machine.
"""

import html
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import affekt
import affekt_media
import affekt_report
import affekt_weights
import gradio as gr
import spaces  # type: ignore[import-untyped]  # without effect where no GPU is borrowed

FOLDER = Path(__file__).parent
SPEC = affekt.PipelineSpec.read(FOLDER / "pipeline.yaml")
EXAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "examples").glob("*.html"))}
"""Name → the report of a recording that was analysed when the folder was written."""
MOST_SECONDS = 120.0
"""The most seconds of a recording. A visitor has minutes of a GPU a day."""
LOADING_SECONDS = 20.0
"""Seconds until a borrowed GPU holds the models."""
WINDOW_SECONDS = 30.0
"""Seconds of what a pipeline judges at once."""
MOST_CHARACTERS = 500
AS_HEARD = "as heard"
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")
PROGRESS = gr.Progress()
"""Marks the argument that Gradio fills with an event's own progress."""
NOTICE = f"""
# affekt: what is felt, and why

A machine infers emotions from voice, face and words, and may be wrong. **Tell everybody who is seen or heard before you
analyse a recording of them.** Recordings of up to {MOST_SECONDS:.0f} s are taken, seen in this browser alone, and
removed after two hours at most.
"""


@cache
def pipeline() -> affekt.Pipeline:
    """The pipeline on this machine's processor; its models load on first use."""
    return SPEC.build()


@cache
def moved() -> affekt.Pipeline:
    """The same pipeline on the GPU, where there is one and components can use it. Called where a GPU is held."""
    try:
        import torch
    except ImportError:  # a pipeline need not use it
        return pipeline()
    if not torch.cuda.is_available():
        return pipeline()
    try:
        return pipeline().to("cuda")
    except affekt.OptionsError as error:
        print(f"The pipeline stays on the processor: {error}")
        return pipeline()


def shown_error(error: affekt.AffektError, recording: str | None = None) -> gr.Error:
    """An error as the page shows it, which is HTML; a file's name stands where its path stood."""
    text = f"{error.message}. Try: {error.hint}" if error.hint else error.message
    if recording is not None:
        text = text.replace(recording, Path(recording).name)
    return gr.Error(html.escape(text, quote=False), title=type(error).__name__, print_exception=False)


def too_long(length: str) -> gr.Error:
    """Refuses a recording."""
    return gr.Error(f"Up to {MOST_SECONDS:.0f} s are taken; the recording lasts {length}.", print_exception=False)


def framed(report: str) -> str:
    """A report by itself: it may run nothing, load nothing and reach nothing of the page."""
    return f'<iframe class="report" title="Report" sandbox srcdoc="{html.escape(report)}"></iframe>'


def needed(recording: str, length: float, progress: gr.Progress) -> float:
    """Seconds for which a GPU is asked."""
    return LOADING_SECONDS + length


@spaces.GPU(duration=needed)  # type: ignore[untyped-decorator]
def judge(recording: str, length: float, progress: gr.Progress) -> tuple[str, str, str, tuple[str, str]]:
    """What is felt, why, the report, and what an answer needs to know."""
    running = moved()
    steps = (1 + length // WINDOW_SECONDS) * len(list(running.slots()))
    done = windows = 0

    def on_progress(slot: str) -> None:
        nonlocal done, windows
        done, windows = done + 1, windows + (slot == "media")
        if (windows - 2) * WINDOW_SECONDS > MOST_SECONDS:  # a header may claim less than the file holds
            raise too_long("more than that")
        progress(min(done / steps, 1.0), desc=slot)

    try:
        felt = running.analyze(recording, on_progress)
    except affekt.AffektError as error:
        raise shown_error(error, recording) from error
    prediction = felt.prediction
    claimed = prediction.abstained is None
    verdict = (
        f"{felt.label} ({felt.scores[felt.label]:.0%})" if claimed else f"Nothing is claimed: {prediction.abstained}"
    )
    heard = (felt.label if claimed else "neutral", felt.rationale)
    return verdict, felt.rationale, affekt_report.render(felt), heard


def analyze(recording: str | None, progress: gr.Progress = PROGRESS) -> tuple[str, str, str, tuple[str, str]]:
    """What is felt in a recording, and why."""
    if recording is None:
        raise gr.Error("There is no recording yet: upload or record one.", print_exception=False)
    try:
        length = affekt_media.probe(recording).duration or 0.0
    except affekt.AffektError as error:
        raise shown_error(error, recording) from error
    if length > MOST_SECONDS:
        raise too_long(f"{length:.0f} s")
    verdict, why, report, heard = judge(recording, length, progress)
    return verdict, why, framed(report), heard


def answer(text: str, emotion: str, intensity: float, voice: str | None, heard: tuple[str, str] | None) -> bytes:
    """Says a text in an emotion by a stock voice, watermarked and signed."""
    import affekt_voices  # takes half a second, which analyses need not wait for

    if emotion == AS_HEARD and heard is None:
        raise gr.Error("Nothing was heard yet: analyse a recording, or choose an emotion.", print_exception=False)
    mirrored, why = heard or ("neutral", "")
    try:
        request = affekt.SpeechRequest(
            text=text[:MOST_CHARACTERS], emotion=mirrored if emotion == AS_HEARD else emotion, intensity=intensity,
            voice=voice, style=why,
        )  # fmt: skip
        with TemporaryDirectory() as folder:
            path = Path(folder) / "answer.wav"
            affekt_voices.write_speech(pipeline().speak(request), path)
            return path.read_bytes()
    except affekt.AffektError as error:
        raise shown_error(error) from error


def voices() -> list[tuple[str, str]]:
    """How each stock voice that is at home in English is shown, and its name; a speaker without any has its own."""
    stock = getattr(pipeline().speaker, "voices", {})
    return [(f"{name}: {voice.sex}, {voice.accent}", name) for name, voice in stock.items() if voice.language == "en"]


def page() -> gr.Blocks:
    """The page. Nothing that is uploaded outlives two hours."""
    with gr.Blocks(title="affekt", analytics_enabled=False, delete_cache=(600, 6600)) as blocks:
        heard = gr.State(time_to_live=3600)
        gr.Markdown(NOTICE)
        with gr.Row():
            with gr.Column():
                with gr.Tab("Video"):
                    video = gr.Video(label="Video", sources=["upload", "webcam"], include_audio=True)
                    watch = gr.Button("Analyse the video", variant="primary")
                with gr.Tab("Sound"):
                    sound = gr.Audio(label="Sound", sources=["upload", "microphone"], type="filepath")
                    listen = gr.Button("Analyse the sound", variant="primary")
                if EXAMPLES:
                    with gr.Tab("Examples"):
                        example = gr.Radio(list(EXAMPLES), label="Recordings that were analysed before")
            with gr.Column():
                felt = gr.Textbox(label="What is felt", interactive=False)
                why = gr.Textbox(label="Why", interactive=False, lines=6, max_lines=20)
                if pipeline().speaker is not None:
                    with gr.Accordion("Answer aloud", open=False):
                        text = gr.Textbox(label="What to say", max_length=MOST_CHARACTERS)
                        emotion = gr.Dropdown([AS_HEARD, *EMOTIONS], value=AS_HEARD, label="Emotion")
                        intensity = gr.Slider(0, 1, value=0.6, step=0.1, label="Intensity")
                        choices = voices()
                        voice = gr.Dropdown(choices, value=getattr(pipeline().speaker, "voice", None), label="Voice")
                        speak = gr.Button("Say it")
                        spoken = gr.Audio(label="The answer, a synthetic voice", interactive=False)
        report = gr.HTML(label="Report")
        judged: dict[str, Any] = {
            "outputs": [felt, why, report, heard],
            "concurrency_id": "pipeline",
            "concurrency_limit": 1,
        }
        watch.click(analyze, video, api_name="analyze", **judged)
        listen.click(analyze, sound, api_name="analyze_sound", **judged)
        if EXAMPLES:
            example.change(lambda name: framed(EXAMPLES[name]), example, report, api_name="example", queue=False)
        if pipeline().speaker is not None:
            speak.click(
                answer, [text, emotion, intensity, voice, heard], spoken, api_name="answer",
                concurrency_id="pipeline", concurrency_limit=1,
            )  # fmt: skip
    queued: gr.Blocks = blocks.queue(max_size=20)
    return queued


def fetch_weights() -> None:
    """Fetches what the pipeline loads, before anybody holds a GPU for it."""
    announced = affekt.plugins().components
    for _, role, use in SPEC.slots():
        for name in announced[role, use.use].info.weights:
            if name in affekt_weights.catalogue():
                affekt_weights.fetch(name)


if __name__ == "__main__":
    fetch_weights()
    page().launch(
        max_file_size="100mb", run_history=False, ssr_mode=False, footer_links=["api", "gradio"],
        css=".report { width: 100%; height: 80vh; border: 0; }",
    )  # fmt: skip
