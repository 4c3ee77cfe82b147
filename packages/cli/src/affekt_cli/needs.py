"""Which weights a pipeline needs that are not here yet; fetched before it runs, with licence and size stated."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt import PipelineSpec, Use
    from affekt_weights import WeightsInfo

VOICES = "affekt-voices"
"""Marks speech as synthetic; its network has weights of its own."""
OWN_WEIGHTS = {"model", "weights", "folder"}
"""Options that name other weights than the announced ones: then the component fetches its own when it runs."""


def of_pipeline(spec: "PipelineSpec") -> "list[WeightsInfo]":
    """What all components of a pipeline need."""
    return of_components((role, use) for _, role, use in spec.slots())


def of_components(uses: "Iterable[tuple[str, Use]]") -> "list[WeightsInfo]":
    """The announced weights of components, given as (role, component).

    Raises:
        NameTaken: several distributions announce weights of a name that is needed.
    """
    from affekt import plugins

    registry = plugins()
    names: list[str] = []
    for role, use in uses:
        announced = registry.components.get((role, use.use))
        names += announced.info.weights if announced and not OWN_WEIGHTS & set(use.options) else ()
    for name in names:
        registry.refuse_taken("weights", name)
    return [registry.weights[name].info for name in dict.fromkeys(names) if name in registry.weights]


def of_distribution(distribution: str) -> "list[WeightsInfo]":
    """What a package that holds no component needs, such as the watermark of affekt-voices."""
    from affekt import plugins

    return [weights.info for weights in plugins().weights.values() if weights.distribution == distribution]


def pull(*needed: "list[WeightsInfo]") -> None:
    """Fetches what the cache lacks, after saying what, how much and under which licence.

    Raises:
        WeightsError: something cannot be had.
    """
    import affekt_weights

    missing = [info for infos in needed for info in infos if affekt_weights.find(info) is None]
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
