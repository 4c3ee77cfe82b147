"""Media files → `affekt.Clip`, decoded once for all encoders, in a child process that a hostile file may crash.

`load` reads a whole file, `windows` streams a long one, `windows_of_sound` sound in memory, `probe` says what a file
holds; all take a path or an open file. PNG and JPEG are clips of one picture. `Limits` bounds them.
What can go wrong is in `affekt_media.errors`. Start reading at `loading`; the child's side is in `decoder`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_media.info import MediaInfo, Track
    from affekt_media.limits import Limits
    from affekt_media.loading import load, probe, windows, windows_of_sound

__all__ = ["Limits", "MediaInfo", "Track", "load", "probe", "windows", "windows_of_sound"]

_HOMES = {"Limits": "limits", "MediaInfo": "info", "Track": "info", "load": "loading", "probe": "loading"}


def __getattr__(name: str) -> object:
    # On demand, because the child process imports this package too and must start without affekt's own imports.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'loading')}"), name)
