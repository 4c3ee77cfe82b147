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
    for number, attempt in enumerate(reply.attempts, start=1):
        table.add_row(
            f"{number}{' ✓' if attempt.succeeded else ''}",
            f"{attempt.request.intensity:.1f}",
            attempt.request.style.removeprefix(first).strip(),
            Text(attempt.grew, style="green" if attempt.felt else "yellow"),
            f"{attempt.score:.0%} {attempt.request.emotion}",
            "nothing claimed" if attempt.heard.abstained else attempt.heard.label,
            ""
            if attempt.word_errors is None
            else Text(f"{attempt.word_errors:.0%}", style="" if attempt.clear else "yellow"),
        )
    Console(stderr=True, highlight=False).print(table)
