"""The commands that other distributions announce as entry points, and those whose name is taken."""

from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container
    from importlib.metadata import EntryPoint

    from affekt.errors import NameTaken

GROUP = "affekt.commands"


@dataclass(frozen=True)
class AnnouncedCommands:
    """Entry points of the group `affekt.commands`, by name."""

    usable: "dict[str, EntryPoint]" = field(default_factory=dict)
    """The commands whose name nobody else has."""
    taken: dict[str, list[str]] = field(default_factory=dict)
    """Name → the distributions that announce a command of this name; none of these commands is used."""

    @classmethod
    def read(cls, own: "Container[str]") -> "AnnouncedCommands":
        """What is installed.

        Args:
            own: the names of affekt-cli's own commands, which stay affekt-cli's.
        """
        announced = cls()
        points: dict[str, list[EntryPoint]] = {}
        for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
            points.setdefault(point.name, []).append(point)
        for name, rivals in points.items():
            if len(rivals) == 1 and name not in own:
                announced.usable[name] = rivals[0]
            else:
                announced.taken[name] = [point.dist.name if point.dist else "?" for point in rivals]
        return announced

    def error(self, name: str) -> "NameTaken":
        """What is wrong with a taken name: both distributions, by name."""
        from affekt.lookup import name_taken

        return name_taken("command", name, self.taken[name])
