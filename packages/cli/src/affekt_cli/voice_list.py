"""`affekt speak --list-voices`: the voices of a speaker, as a table, or as a page to listen to."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from affekt_cli.speaker import require_speaker, require_voices

if TYPE_CHECKING:
    from affekt import PipelineSpec

SENTENCE = "Good morning. This is how I sound when I read a letter aloud."
"""Said in each voice where no text is given."""

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Voices of {speaker}</title>
<style>body {{ font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem }}
td, th {{ padding: .2rem .8rem; text-align: left }} audio {{ height: 2rem }}</style></head>
<body>
<h1>Voices of {speaker}</h1>
<p>“{text}” Every recording is synthetic, and carries a watermark and a signed manifest.</p>
<table><tr>{heads}<th>to listen to</th></tr>
{rows}
</table>
</body>
</html>
"""


def list_voices(spec: "PipelineSpec", text: str | None, page: Path | None) -> None:
    """Prints the voices of a pipeline's speaker; with `page`, says `text` in each and writes a page with them.

    Raises:
        AffektError: the speaker names no voices, the page is none, or the speech cannot be made or written.
    """
    from affekt import AffektError

    used, speaker = require_speaker(spec)
    voices = described(getattr(speaker, "voices", ()))
    if not voices:
        raise AffektError(f'the speaker "{used.use}" names no voices', hint="--set speaker=kokoro")
    if page is None:
        _show(voices)
        return
    if page.suffix.lower() not in (".html", ".htm"):
        raise AffektError(f'the page "{page}" ends in "{page.suffix}"', hint=f"{page.with_suffix('.html')}")
    _write_page(spec, used.use, speaker, voices, text or SENTENCE, page)
    typer.echo(f"Wrote {page}: {len(voices)} voices to listen to; synthetic speech, watermarked.", err=True)


def described(voices: Any) -> dict[str, dict[str, str]]:
    """Name → what a speaker says of the voice, by property; nothing where it only has names."""
    if not isinstance(voices, Mapping):
        return {str(name): {} for name in voices}
    return {
        str(name): {key: str(value) for key, value in asdict(voice).items()}
        if is_dataclass(voice) and not isinstance(voice, type)
        else {"description": str(voice)}
        for name, voice in voices.items()
    }


def _show(voices: Mapping[str, Mapping[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("voice", *_properties(voices), box=None, pad_edge=False)
    for name, properties in voices.items():
        table.add_row(name, *(properties.get(key, "") for key in _properties(voices)))
    Console(highlight=False, soft_wrap=True).print(table)


def _properties(voices: Mapping[str, Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(key for properties in voices.values() for key in properties))


def _write_page(
    spec: "PipelineSpec", used: str, speaker: Any, voices: Mapping[str, Mapping[str, str]], text: str, page: Path
) -> None:
    """Writes the recordings beside the page, in a folder of its name, and the page last."""
    from affekt import SpeechRequest

    from affekt_cli.exits import writing
    from affekt_cli.needs import VOICES, of_components, of_distribution, pull
    from affekt_cli.progress import steps

    assert spec.speaker is not None, "asked before"
    folder = page.with_suffix("")
    marking = require_voices(folder / "voice.mp3")
    pull(of_components([("speaker", spec.speaker)]), of_distribution(VOICES))
    rows = []
    with steps(page.name) as on_progress, writing(page):
        folder.mkdir(parents=True, exist_ok=True)
        for number, (name, properties) in enumerate(voices.items(), start=1):
            on_progress(f"{name}, {number} of {len(voices)}")
            (result,) = speaker.speak([SpeechRequest(text=text, voice=name)])
            marking.write_speech(result, folder / f"{name}.mp3")
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in (name, *properties.values()))
            source = escape(f"{folder.name}/{name}.mp3", quote=True)
            rows.append(f'<tr>{cells}<td><audio controls preload="none" src="{source}"></audio></td></tr>')
        heads = "".join(f"<th>{escape(head)}</th>" for head in ("voice", *_properties(voices)))
        content = _PAGE.format(speaker=escape(used), text=escape(text), heads=heads, rows="\n".join(rows))
        page.write_text(content, encoding="utf-8")
