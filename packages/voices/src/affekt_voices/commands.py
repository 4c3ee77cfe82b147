"""`affekt voices …`: lend a voice, look at what was lent, take it back; tell what a file is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from affekt.errors import AffektError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

app = typer.Typer(help="Voices lent with consent, and what a sound file is.", no_args_is_help=True)
_out, _err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
_Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _fail(error: AffektError) -> typer.Exit:
    _err.print(str(error), style="red", markup=False)
    return typer.Exit(1)


@app.command()
def phrase(
    person: Annotated[str, typer.Option(help="Whose voice it is.")],
    purpose: Annotated[list[str], typer.Option(help="What it may be used for.")] = ["replies"],  # noqa: B006
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how long.")] = 365,
) -> None:
    """Print what the person should say and record before `add`."""
    from affekt_voices.enrolment import Consent, require_terms

    agreed = Consent(person=person, purposes=tuple(purpose), expires=_until(days))
    try:
        require_terms(agreed)
    except AffektError as error:
        raise _fail(error) from error
    typer.echo(agreed.phrase)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="By which the voice will be asked for: anna.")],
    recordings: Annotated[list[Path], typer.Argument(help="The person speaking; a minute in all is good.")],
    consent: Annotated[Path, typer.Option(help="The person saying what `phrase` prints.")],
    person: Annotated[str, typer.Option(help="Whose voice it is.")],
    purpose: Annotated[list[str], typer.Option(help="What it may be used for.")] = ["replies"],  # noqa: B006
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how long; then it is deleted.")] = 365,
) -> None:
    """Enrol a voice: the recordings and the spoken consent are checked, then kept encrypted."""
    from affekt_voices.enrolment import GOOD, Consent, enrol
    from affekt_voices.store import VoiceStore

    agreed = Consent(person=person, purposes=tuple(purpose), expires=_until(days))
    try:
        with _err.status("Listening to the recordings and to the consent…"):
            record = enrol(VoiceStore(), name, agreed, recordings, consent)
    except AffektError as error:
        raise _fail(error) from error
    typer.echo(f'"{record.voice}" is enrolled until {record.expires:%Y-%m-%d} for {", ".join(record.purposes)}.')
    if record.seconds is not None and record.seconds < GOOD:
        typer.echo(f"It rests on {record.seconds:.0f} s of speech: clones are more like a person from a minute on.")


@app.command()
def fit(
    name: Annotated[str, typer.Argument(help="Of a lent voice.")],
    speaker: Annotated[str, typer.Option(help="The speaker whose voice is fitted to the person.")] = "clone",
    purpose: Annotated[str, typer.Option(help="What it will be used for; the consent must name it.")] = "replies",
    again: Annotated[bool, typer.Option(help="Also where it is fitted already.")] = False,
    as_json: _Json = False,
) -> None:
    """Fit a speaker's voice to a lent one, once, in minutes; Ctrl-C interrupts it, and the same command goes on.

    What is fitted is sealed with the consent, and gone when the voice is revoked or purged.
    """
    from affekt import plugins

    try:
        fitting = plugins().create("speaker", speaker, purpose=purpose)
        if not hasattr(fitting, "fit"):
            raise AffektError(f'the speaker "{speaker}" fits no voices to people', hint="pip install affekt-clone")
        with Progress(console=_err, transient=True) as progress:
            bar = progress.add_task(f"Listening to candidates for {name}…", total=None)
            fitted = fitting.fit(name, lambda heard, of: progress.update(bar, completed=heard, total=of), again=again)
    except AffektError as error:
        raise _fail(error) from error
    before, after = fitted.start, fitted.heard
    if as_json:
        figures = {"likeness": after.likeness, "quality": after.quality, "wrong": after.wrong}
        document = {"voice": name, **figures, "likeness_before": before.likeness, "seconds": fitted.seconds}
        typer.echo(json.dumps({**document, "conversion": fitted.convert}, indent=2))
        return
    typer.echo(
        f'"{name}" is fitted in {fitted.seconds / 60:.1f} min: likeness {before.likeness:.2f} → {after.likeness:.2f} '
        f"by the encoder that it was fitted by, words wrong {after.wrong:.2f}, DNSMOS {after.quality:.2f}."
    )
    typer.echo(f'Try: affekt speak "Good morning." --set speaker={speaker} --voice {name} -o morning.wav')


@app.command("list")
def list_voices(as_json: _Json = False) -> None:
    """List lent voices."""
    from affekt_voices.store import VoiceStore

    try:
        records = VoiceStore().records()
    except AffektError as error:
        raise _fail(error) from error
    if as_json:
        typer.echo(json.dumps([json.loads(record.model_dump_json()) for record in records], indent=2))
        return
    table = Table("voice", "person", "for", "until", "similarity of the consent")
    for record in records:
        until = f"{record.expires:%Y-%m-%d}"
        table.add_row(record.voice, record.person, ", ".join(record.purposes), until, f"{record.similarity:.2f}")
    _out.print(table if records else "No voice was lent here. Try: affekt voices add")


@app.command()
def show(name: str, as_json: _Json = False) -> None:
    """Show a voice's consent and what was done with it."""
    from affekt_voices.store import VoiceStore

    try:
        store = VoiceStore()
        record = store.record(name)
        history = [entry for entry in store.history() if entry.record == record.id]
    except AffektError as error:
        raise _fail(error) from error
    if as_json:
        events = [{"time": entry.time, "event": entry.event, "detail": entry.detail} for entry in history]
        typer.echo(json.dumps({**json.loads(record.model_dump_json()), "history": events}, indent=2))
        return
    for field, value in record.model_dump().items():
        _out.print(f"{field:18} {', '.join(value) if isinstance(value, tuple) else value}", markup=False)
    for entry in history:
        _out.print(f"{entry.time[:19]}  {entry.event:8} {entry.detail}", markup=False)


@app.command()
def revoke(name: str, why: Annotated[str, typer.Option(help="Kept in the ledger for good: no names.")] = "") -> None:
    """Take a voice back: unusable at once, with everything computed from it."""
    _ended(name, "revoked", why)


@app.command()
def purge(name: str) -> None:
    """Delete a voice and everything computed from it."""
    _ended(name, "purged", "")


def _ended(name: str, what: str, why: str) -> None:
    from affekt_voices.store import VoiceStore

    try:
        record = VoiceStore().revoke(name, why) if what == "revoked" else VoiceStore().purge(name)
    except AffektError as error:
        raise _fail(error) from error
    typer.echo(f'"{record.voice}" of {record.person} is {what}: recordings, embedding and what came of them are gone.')


@app.command()
def verify(paths: list[Path], as_json: _Json = False) -> None:
    """Tell what sound files are: watermark, signed manifest, consent record. Exits with 1 when one cannot be read."""
    from affekt_voices.verification import LIMITS, verify

    verdicts, failed = [], False
    for path in paths:
        try:
            verdict = verify(path)
        except AffektError as error:
            failed = True
            _err.print(str(error), style="red", markup=False)
            continue
        claims = dict(verdict.manifest.claims) if verdict.manifest else {}
        verdicts.append(
            {
                "path": str(path),
                "synthetic": verdict.synthetic,
                "watermark": verdict.watermark.score,
                "manifest": None if verdict.manifest is None else ("valid" if verdict.manifest.valid else "broken"),
                "trusted": bool(verdict.manifest and verdict.manifest.trusted),
                "claims": claims,
            }
        )
        if not as_json:
            _out.print(f"{path}: {verdict.sentence}", markup=False)
            for key in ("speaker", "voice", "consent", "purpose", "emotion", "model"):
                if key in claims:
                    _out.print(f"  {key:10} {claims[key]}", markup=False)
    if as_json:
        typer.echo(json.dumps(verdicts, indent=2))
    elif verdicts:
        _out.print(LIMITS, style="dim")
    raise typer.Exit(int(failed))


@app.command()
def measure(
    recordings: Annotated[list[Path], typer.Argument(help="Speech: files, or folders of them.")],
    clips: Annotated[int, typer.Option(min=1, help="At most so many, spread evenly.")] = 100,
    as_json: _Json = False,
) -> None:
    """Count how often mark and manifest are found after what happens to files, and how often without cause."""
    from dataclasses import asdict

    from affekt_voices import measure as measuring
    from affekt_voices.treatments import read

    try:
        paths = measuring.recordings(recordings, clips)
        with Progress(console=_err, transient=True) as progress:
            bar = progress.add_task("Marking, treating, listening…", total=len(paths))
            measurements = measuring.measured(map(read, paths), lambda: progress.advance(bar))
    except AffektError as error:
        raise _fail(error) from error
    if as_json:
        typer.echo(json.dumps(asdict(measurements), indent=2))
        return
    table = Table("what happened to the file", "mark heard", "manifest valid", "mark heard where there is none")
    for name, row in measurements.found.items():
        alarms = "" if row.alarms is None else _share(row.alarms, row.clips)
        table.add_row(name, _share(row.marked, row.clips), _share(row.signed, row.clips), alarms)
    _out.print(table)
    _out.print(f"{len(paths)} clips; {measurements.refused} cannot carry the mark and were not written.")


def _share(hits: int, total: int) -> str:
    from affekt_voices.measure import wilson

    low, high = wilson(hits, total)
    return f"{hits}/{total} ({100 * low:.0f}–{100 * high:.0f} %)"


def _until(days: int) -> datetime:
    end = datetime.now(UTC) + timedelta(days=days)
    return end.replace(hour=23, minute=59, second=59, microsecond=0)
