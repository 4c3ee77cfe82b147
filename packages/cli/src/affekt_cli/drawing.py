"""The answer in a terminal: what is felt, why, a sparkline an emotion, the transcript, and what is missing."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from affekt_recordings.clock import clock, span
from affekt_recordings.spans import total
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from affekt_cli.palette import colour_of
from affekt_cli.sparkline import bar, sample, sparkline
from affekt_cli.spoken import spoken_lines

if TYPE_CHECKING:
    from affekt_recordings import Analysis
    from affekt_recordings.person import Person

CLUES = 12
"""No more clues than this in a terminal."""
SHOWN = 0.03
"""Emotions that are never this probable are summed up in one row."""


FACES = 8
"""No more faces without a voice than this in a terminal."""
LEAST_COLUMNS = 10
"""The fewest columns of a person's turns over time; in narrower terminals they are left out."""


def draw(felt: "Analysis", width: int) -> RenderableType:
    """Everything that is known, for a terminal of this many columns."""
    from affekt_recordings import DISCLAIMER

    sections: list[RenderableType] = [_headline(felt), Text(), _emotions(felt, width), *_axes(felt)]
    if felt.prediction.clues:
        sections += [_title("Why"), _clues(felt)]
    if felt.people:
        sections += [_title("People"), _people(felt, width), *_speech(felt)]
    if felt.text:
        sections += [_title("Said"), _transcript(felt)]
    if translation := felt.evidence.clip.translation:
        title = f"In {translation.source}'s translation from {translation.original}"
        sections += [_title(title), Text(translation.text)]
    if missing := felt.missing():
        sections += [_title("Missing"), _missing(missing)]
    if notes := felt.to_dict()["notes"]:
        sections += [_title("Notes"), *(Text(note) for note in notes)]
    sections += [Text(), Text(DISCLAIMER, style="dim italic")]
    return Padding(Group(*sections), (1, 1))


def _headline(felt: "Analysis") -> Text:
    prediction, spoken = felt.prediction, felt.languages
    language = f", language{'s' if len(spoken) > 1 else ''} {', '.join(spoken)}" if spoken else ""
    text = Text.assemble((Path(felt.source).name, "bold"), (f"  {felt.length}{language}\n", "dim"))
    if prediction.abstained:
        text.append("no emotion claimed", style="bold")
        text.append("" if prediction.abstained in prediction.rationale else f": {prediction.abstained}")
    else:
        text.append(f"{felt.label} {felt.scores[felt.label]:.0%}", style=f"bold {_colour(felt, felt.label)}")
    return text.append(f"\n{prediction.rationale}") if prediction.rationale else text


def _emotions(felt: "Analysis", width: int) -> Table:
    """A row an emotion: probability, bar, and its course over time, bright where it is the likeliest."""
    timeline = felt.prediction.timeline
    bar_width = 10 if width < 100 else 20
    columns = min(72, max(10, width - bar_width - 28))
    sampled = sample(timeline, felt.duration, columns)
    top = max((max(scores.values()) for scores in sampled if scores), default=1.0)
    table = _grid()
    others = 0.0
    for name in sorted(felt.scores, key=lambda emotion: -felt.scores[emotion]):
        if max([felt.scores[name], *(scores.get(name, 0.0) for scores in sampled)]) < SHOWN:
            others += felt.scores[name]
            continue
        colour = _colour(felt, name)
        share = Text(bar(felt.scores[name], bar_width), style=colour)
        line = sparkline(sampled, name, top, colour)
        table.add_row(Text(name, style=colour), f"{felt.scores[name]:4.0%}", share, line)
    if others >= 0.005:
        table.add_row(Text("others", style="dim"), f"{others:4.0%}", "", "")
    if timeline:
        end = clock(felt.duration)
        middle = f"full height {top:.0%}".center(columns - 4 - len(end))
        table.add_row("", "", "", Text(f"0 s {middle}{end}", style="dim"))
    return table


def _axes(felt: "Analysis") -> list[Text]:
    poles = {"valence": ("unpleasant", "pleasant"), "arousal": ("calm", "excited")}
    values = {"valence": felt.prediction.valence, "arousal": felt.prediction.arousal}
    lines = []
    for name, value in values.items():
        if value is not None:
            column = round((max(-1.0, min(1.0, value)) + 1) * 10)
            low, high = poles[name]
            line = Text.assemble(f"{name} {value:+.2f}  ", (f"{low:>10} {'─' * column}", "dim"), "●")
            lines.append(line.append(f"{'─' * (20 - column)} {high}", style="dim"))
    return lines


def _clues(felt: "Analysis") -> Table:
    table = _grid()
    clues = felt.prediction.clues
    for clue in clues[:CLUES]:
        mark = Text("✓", style="green") if clue.checked else Text("?", style="yellow")
        times = span(clue.start, clue.end) if felt.is_timed else ""
        when = Text(times, style="dim", justify="right")
        table.add_row(mark, when, clue.modality, Text(clue.text))
    if len(clues) > CLUES:
        table.add_row("", "", "", Text(f"and {len(clues) - CLUES} more; --json and --html have all", style="dim"))
    return table


def _people(felt: "Analysis", width: int) -> Table:
    """A row a person: how long they speak and when, and what is felt meanwhile; then the faces seen longest."""
    columns = min(60, width - 50)
    table = _grid()
    for person in filter(_is_heard, felt.people):
        line = Text(
            "".join("█" if part > 0.5 else "▄" if part > 0 else "·" for part in _shares(person, felt, max(columns, 1)))
        )
        share = f"{clock(person.speaking)}, {person.speaking / max(felt.duration, 1e-9):.0%}"
        when = [Text(share, style="dim"), line] if columns >= LEAST_COLUMNS else []
        table.add_row(Text(person.name, style="bold"), *when, _felt_by(person, felt))
    for person in _faces(felt)[:FACES]:
        when = [Text(f"{clock(total(person.seen))} in view", style="dim"), Text()] if columns >= LEAST_COLUMNS else []
        table.add_row(Text(person.name, style="bold"), *when, _felt_by(person, felt))
    return table


def _faces(felt: "Analysis") -> list["Person"]:
    """Faces that no voice was given, those seen longest first."""
    return sorted((person for person in felt.people if not person.turns), key=lambda person: -total(person.seen))


def _is_heard(person: "Person") -> bool:
    return bool(person.turns)


def _felt_by(person: "Person", felt: "Analysis") -> Text:
    """What is felt while the person speaks, and in their face."""
    speaking, face = person.felt["speaking"], person.felt["face"]
    what = Text("nothing judged", style="dim") if speaking.label is None and face.label is None else Text()
    if speaking.label is not None:
        what.append(f"{speaking.label} {speaking.scores[speaking.label]:.0%}", style=_colour(felt, speaking.label))
    if face.label is not None:
        what.append(", face " if person.turns else "face ", style="dim")
        what.append(f"{face.label} {face.scores[face.label]:.0%}", style=_colour(felt, face.label))
    elif person.face is not None:
        what.append(", off screen" if person.face == "off screen" else ", face unknown", style="dim")
    return what


def _speech(felt: "Analysis") -> list[Text]:
    """How each person's speech divides into emotions, and the recording into its people."""
    heard = list(filter(_is_heard, felt.people))
    lines = [Text(f"{person.name}: {person.time.describe()}", style="dim") for person in heard]
    if heard:
        lines.append(Text(felt.speaking.describe(), style="dim"))
    if (more := len(_faces(felt)) - FACES) > 0:
        lines.append(Text(f"and {more} more face{'s' if more > 1 else ''} that no voice was given", style="dim"))
    return lines


def _shares(person: "Person", felt: "Analysis", columns: int) -> list[float]:
    """Of each column's time, how much the person speaks."""
    step = max(felt.duration, 1e-9) / columns
    starts = [column * step for column in range(columns)]
    return [sum(max(0.0, min(b, at + step) - max(a, at)) for a, b in person.turns) / step for at in starts]


def _transcript(felt: "Analysis") -> Table:
    table = _grid()
    for start, text in spoken_lines(felt):
        time = clock(start) if felt.is_timed else ""
        table.add_row(Text(time, style="dim", justify="right"), Text(text))
    return table


def _missing(missing: Mapping[str, str]) -> Table:
    """What is absent for the same reason stands together."""
    grouped: dict[str, list[str]] = {}
    for what, why in missing.items():
        grouped.setdefault(why, []).append(what.replace("_", " "))
    table = _grid()
    for why, names in grouped.items():
        table.add_row(Text(", ".join(names), style="yellow"), Text(why))
    return table


def _grid() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)


def _title(text: str) -> Text:
    return Text.assemble("\n", (text, "bold"))


def _colour(felt: "Analysis", emotion: str) -> str:
    return colour_of(emotion, list(felt.scores))
