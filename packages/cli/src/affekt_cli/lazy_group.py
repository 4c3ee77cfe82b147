"""A command group whose further commands come from entry points and are imported only when they run.

A distribution adds `affekt NAME` with

    [project.entry-points."affekt.commands"]
    NAME = "package.module:typer_app"

and the first line of that app's help is the help line (see `help_lines`). A command that cannot be imported says so
when it is called, and disturbs nothing else; one of a distribution that is not installed is answered with what to
install, one that several distributions announce with their names.
"""

import sys
from functools import cached_property
from importlib.metadata import EntryPoint
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from affekt_cli.announced import AnnouncedCommands
from affekt_cli.exits import NO_ROOM, ExitCode, code_of, print_error, print_no_room
from affekt_cli.help_lines import help_line


class LazyCommand(TyperCommand):
    """Stands for a command of another distribution until it is called."""

    def __init__(self, entry_point: EntryPoint) -> None:
        super().__init__(name=entry_point.name, help=help_line(entry_point), rich_help_panel="From other packages")
        self.entry_point = entry_point

    def load(self) -> Any:
        """The command itself.

        Raises:
            PluginFailed: it cannot be imported, or is neither a typer app nor a command.
        """
        point = self.entry_point
        try:
            loaded = point.load()
            command: Any = get_command(loaded) if isinstance(loaded, typer.Typer) else loaded
            if not callable(getattr(command, "make_context", None)):
                raise TypeError(f"{point.value} is a {type(loaded).__name__}, not a typer app")
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            from affekt.errors import PluginFailed

            owner = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"
            raise PluginFailed(
                f'the command "{point.name}" of {owner} ({point.value}) cannot be loaded: {error!r}',
                hint="affekt doctor; the other commands work",
            ) from error
        command.name = point.name
        return command


def _refuse_absent(command: str) -> None:
    from affekt import MissingDependency, plugins
    from affekt.lookup import why_absent

    if absence := why_absent("command", command, plugins()):
        raise MissingDependency(absence.message, hint=absence.hint)


class LazyGroup(TyperGroup):
    """The `affekt` group: its own commands, then those of other distributions; prints affekt's errors."""

    @cached_property
    def announced(self) -> AnnouncedCommands:
        """Commands of other distributions; the group's own names cannot be taken."""
        return AnnouncedCommands.read(self.commands)

    def list_commands(self, ctx: Any) -> list[str]:
        """The group's own commands in the order of their definition, then the others by name."""
        return [*self.commands, *self.announced.usable]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command, or its stand-in: enough for `--help` and completion."""
        if cmd_name in self.announced.usable:
            return LazyCommand(self.announced.usable[cmd_name])
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that will run: imports it.

        Raises:
            MissingDependency: a distribution of the project has it, and is not installed.
            NameTaken: several distributions have it.
        """
        if args and self.get_command(ctx, args[0]) is None:
            if args[0] in self.announced.taken:
                raise self.announced.error(args[0])
            _refuse_absent(args[0])
        name, command, remaining = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, remaining

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; affekt's own errors become a message and an exit code."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
            return done
        except OSError as error:
            if error.errno not in NO_ROOM or ctx.params.get("debug"):
                raise
            print_no_room(error)
            raise typer.Exit(ExitCode.INPUT) from error
        except KeyboardInterrupt:
            typer.echo("Interrupted; nothing was left half-written.", err=True)
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            from affekt.errors import AffektError

            if ctx.params.get("debug") or not isinstance(error, AffektError):
                raise
            print_error(error)
            raise typer.Exit(code_of(error)) from error
