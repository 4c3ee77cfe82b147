"""Which weights a pipeline needs that are not here yet; fetched before it runs, with licence and size stated."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt import PipelineSpec, Use
    from affekt_weights import WeightsInfo

OWN_WEIGHTS = {"model", "weights", "folder"}
"""Options that name other weights than the announced ones: then the component fetches its own when it runs."""


def announced_weights(uses: "Iterable[tuple[str, Use]]") -> "Iterator[WeightsInfo]":
    """The announced weights of components, given as (role, component); each entry once."""
    from affekt import plugins

    registry = plugins()
    seen = set()
    for role, use in uses:
        found = registry.components.get((role, use.use))
        for name in found.info.weights if found and not OWN_WEIGHTS & set(use.options) else ():
            if name not in seen and (known := registry.weights.get(name)):
                yield known.info
            seen.add(name)


def pull_needed(spec: "PipelineSpec") -> None:
    """Fetches what the pipeline needs and the cache lacks.

    Raises:
        WeightsError: something cannot be had.
    """
    pull_weights((role, use) for _, role, use in spec.slots())


def pull_weights(uses: "Iterable[tuple[str, Use]]") -> None:
    """The same for components, given as (role, component)."""
    import affekt_weights

    missing = [info for info in announced_weights(uses) if affekt_weights.find(info) is None]
    if not missing:
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not affekt_weights.is_offline():
        total = sum(info.size for info in missing)
        console.print(f"Downloads {megabytes(total)} of weights, kept for next time:")
        for info in missing:
            restricted = f"; {info.restrictions}" if info.restrictions else ""
            terms = f"{megabytes(info.size)}, {info.licence}{restricted}"
            console.print(f"  {info.name}: {info.summary} ({terms})", markup=False, soft_wrap=True)
    for info in missing:
        affekt_weights.fetch(info)


def megabytes(size: float) -> str:
    """Bytes in words: "133 MB"."""
    return f"{size / 1e6:.0f} MB" if size >= 9.5e6 else f"{size / 1e6:.1f} MB"
