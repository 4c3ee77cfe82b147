"""The entries that the installed plugins announce."""

from affekt.registry import plugins
from affekt.suggestions import did_you_mean

from affekt_weights.errors import BadManifest, NotInManifest
from affekt_weights.manifest import WeightsInfo


def catalogue() -> dict[str, WeightsInfo]:
    """Name → entry, of all plugins that could be loaded."""
    entries = {name: announced.info for name, announced in sorted(plugins().weights.items())}
    for name, info in entries.items():
        if not isinstance(info, WeightsInfo):
            source = plugins().weights[name].distribution
            raise BadManifest(f'{source} announces weights "{name}" as {type(info).__name__}, not WeightsInfo')
    return entries


def entry(name: str) -> WeightsInfo:
    """The entry of this name.

    Raises:
        NotInManifest: no installed plugin announces it.
    """
    entries = catalogue()
    if name not in entries:
        raise NotInManifest(
            f'no installed plugin announces weights "{name}"{did_you_mean(name, entries)}',
            hint=f"one of {', '.join(entries) or '(none announced)'}",
        )
    return entries[name]
