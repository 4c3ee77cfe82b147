"""`affekt demo`: the shipped sample through the default pipeline: what is felt and why, a report, an answer aloud."""

import time
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from affekt_cli import guard
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker

SAMPLE = "white_house_statement_2015.mp4"
REPLY = "Thank you. I have listened to what you said, and I would like to hear more."


def demo(
    out: Annotated[Path, typer.Option(help="The folder for report.html and reply.wav.")] = Path("out"),
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)] = "default",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)] = None,
) -> None:
    """Analyse a sample clip, write a report, and answer it aloud."""
    guard.advise()
    from affekt_reply import answer

    from affekt_cli.analyze import analyze_one
    from affekt_cli.answering import show, write_report
    from affekt_cli.needs import VOICES, of_distribution, of_pipeline, pull
    from affekt_cli.speaker import require_voices
    from affekt_cli.speech import say

    started = time.monotonic()
    require_voices(out / "reply.wav")
    spec = read_spec(pipeline, settings or ())
    typer.echo(f"{SAMPLE}: 8.7 s of the President's statement on Iran, 14 July 2015 (public domain)", err=True)
    pull(of_pipeline(spec), of_distribution(VOICES))
    with resources.as_file(resources.files("affekt_cli") / "sample" / SAMPLE) as path:
        felt = analyze_one(without_speaker(spec).build(), str(path))
    show(felt)
    unreported = write_report(felt, out / "report.html")
    if unreported is not None:
        raise unreported
    say(spec, answer(felt, REPLY, None, 0.6, None, "en"), out / "reply.wav")
    typer.echo(f'The reply says "{REPLY}"', err=True)
    typer.echo(
        f"Done in {time.monotonic() - started:.0f} s. Next: affekt analyze YOUR_CLIP --html report.html", err=True
    )
