"""What the closed loop tried and what it heard, as a table on stderr."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_reply import Reply


def show_attempts(reply: "Reply") -> None:
    """A row an attempt; nothing where nobody listened."""
    if not reply.attempts:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        "attempt", "intensity", "added to the style", "beside neutral", "as meant", "by itself", "words wrong", box=None
    )  # fmt: skip
    first = reply.attempts[0].request.style
    for number, one in enumerate(reply.attempts, start=1):
        table.add_row(
            f"{number}{' ✓' if one.succeeded else ''}",
            f"{one.request.intensity:.1f}",
            one.request.style.removeprefix(first).strip(),
            Text(one.grew, style="green" if one.felt else "yellow"),
            f"{one.score:.0%} {one.request.emotion}",
            "nothing claimed" if one.heard.abstained else one.heard.label,
            "" if one.word_errors is None else Text(f"{one.word_errors:.0%}", style="" if one.clear else "yellow"),
        )
    Console(stderr=True, highlight=False).print(table)
