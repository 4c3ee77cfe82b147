"""Exit codes, and how errors are printed.

0    everything asked for was done
1    some input failed; the other inputs were done
2    the command line, a pipeline file or an option is wrong
3    the environment: a plugin is broken, a package, weights or the network are missing
130  Ctrl-C
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from affekt.errors import AffektError


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""What a full disk, a quota, a limit and a read-only disk say."""


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    INPUT = 1
    USAGE = 2
    ENVIRONMENT = 3
    INTERRUPTED = 130


def code_of(error: "AffektError") -> ExitCode:
    """Whose fault an error is."""
    from affekt import errors

    environment = (
        errors.WeightsError,
        errors.MissingDependency,
        errors.PluginFailed,
        errors.IncompatiblePlugin,
        errors.NameTaken,
    )
    if isinstance(error, environment):
        return ExitCode.ENVIRONMENT
    if isinstance(error, errors.SpecError | errors.OptionsError | errors.ComponentNotFound):
        return ExitCode.USAGE
    return ExitCode.INPUT


def print_error(error: "AffektError", where: str = "") -> None:
    """The message, where it happened and what to try, on stderr; no traceback."""
    console = Console(stderr=True, highlight=False)
    text = Text("Error: ", style="bold red")
    text.append(f"{where}: " if where and where not in error.message else "", style="not bold default")
    text.append(error.message, style="not bold default")
    for note in getattr(error, "__notes__", ()):
        text.append(f"\n  {note}", style="not bold dim")
    if error.hint:
        text.append("\nTry: ", style="bold green")
        text.append(error.hint, style="not bold default")
    console.print(text, soft_wrap=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turns what the file system refuses into an error that names the file."""
    from affekt.errors import AffektError

    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "a disk with room" if error.errno in NO_ROOM else "another folder, or its permissions"
        raise AffektError(f'cannot write "{target}": {reason}', hint=hint) from error


def print_no_room(error: OSError) -> None:
    """Says what could not be written; without the name of a file that is mostly standard output."""
    from affekt.errors import AffektError

    what = "the output" if error.filename is None else f'"{error.filename}"'
    reason = error.strerror or str(error)
    print_error(AffektError(f"cannot write {what}: {reason}", hint="a disk with room"))
    if error.filename is None:
        # What is left in the buffer would fail again, and be told again, when Python ends.
        with suppress(OSError, ValueError), open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
