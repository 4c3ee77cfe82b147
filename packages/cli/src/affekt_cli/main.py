"""The `affekt` command: what is felt in a clip, and why; and an answer aloud.

Exit codes are in `exits`. Commands import what they need when they run, so that `--help` stays quick.
"""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from affekt_cli import analyze, ask, demo, doctor, listing, speech
from affekt_cli.lazy_group import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
    help="What is felt in a clip, and why; and an answer aloud.",
    epilog="Exit codes: 0 done, 1 some input failed, 2 wrong usage, 3 environment or weights, 130 Ctrl-C.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"affekt {version('affekt-cli')} (affekt-core {version('affekt-core')})")
        raise typer.Exit


@app.callback()
def affekt(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.", envvar="AFFEKT_DEBUG")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What is felt in a clip, and why; and an answer aloud."""


app.command()(analyze.analyze)
app.command()(ask.ask)
app.command()(speech.speak)
app.command()(speech.respond)
app.command()(listing.plugins)
app.command()(doctor.doctor)
app.command()(demo.demo)


def main() -> None:
    """The entry point of the script."""
    for stream in (sys.stdout, sys.stderr):
        if (getattr(stream, "encoding", "") or "").lower().replace("-", "") != "utf8":
            # Bars and check marks must not end a command on a terminal that cannot show them.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    # Bars of libraries would run into the spinner; affekt-weights draws its own.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    app(prog_name="affekt")
