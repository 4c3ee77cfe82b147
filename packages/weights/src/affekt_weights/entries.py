"""The entries that the installed plugins announce."""

import logging

from affekt.discovery import plugins
from affekt.lookup import why_absent
from affekt.suggestions import did_you_mean

from affekt_weights.errors import NotInManifest
from affekt_weights.manifest import WeightsInfo

logger = logging.getLogger("affekt_weights")


def catalogue() -> dict[str, WeightsInfo]:
    """Name → entry, of all plugins that could be loaded. What is no entry is left out, and that is said."""
    entries = {}
    for name, announced in sorted(plugins().weights.items()):
        if isinstance(announced.info, WeightsInfo):
            entries[name] = announced.info
        else:
            what = type(announced.info).__name__
            logger.warning('%s announces weights "%s" as %s, not WeightsInfo', announced.distribution, name, what)
    return entries


def entry(name: str) -> WeightsInfo:
    """The entry of this name.

    Raises:
        NotInManifest: no installed plugin announces it.
        NameTaken: several distributions do.
    """
    plugins().refuse_taken("weights", name)
    entries = catalogue()
    if name not in entries:
        if absence := why_absent("weights", name, plugins()):
            raise NotInManifest(absence.message, hint=absence.hint)
        raise NotInManifest(
            f'no installed plugin announces weights "{name}"{did_you_mean(name, entries)}',
            hint=f"one of {', '.join(entries) or '(none announced)'}",
        )
    return entries[name]
