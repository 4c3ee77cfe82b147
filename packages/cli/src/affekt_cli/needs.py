"""Which weights a pipeline needs that are not here yet; fetched before it runs, with licence and size stated."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affekt import PipelineSpec

OWN_WEIGHTS = {"model", "weights", "folder"}
"""Options that name other weights than the announced ones: then the component fetches its own when it runs."""


def needed(spec: "PipelineSpec") -> Iterator[Any]:
    """The announced weights of a pipeline's components, each once."""
    from affekt import plugins

    registry = plugins()
    seen = set()
    for _, role, use in spec.slots():
        announced = registry.components.get((role, use.use))
        names = announced.info.weights if announced and not OWN_WEIGHTS & set(use.options) else ()
        for name in names:
            if name not in seen and (known := registry.weights.get(name)):
                yield known.info
            seen.add(name)


def pull_needed(spec: "PipelineSpec") -> None:
    """Fetches what is missing, saying what, how much and under which licence.

    Raises:
        WeightsError: something cannot be had.
    """
    import affekt_weights

    missing = [info for info in needed(spec) if affekt_weights.find(info) is None]
    if not missing:
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    total = sum(info.size for info in missing)
    console.print(f"Fetching {len(missing)} weights, {megabytes(total)}, kept for next time:")
    for info in missing:
        console.print(f"  {info.name}: {info.summary}; {megabytes(info.size)}, {info.licence}", soft_wrap=True)
    for info in missing:
        affekt_weights.fetch(info)


def megabytes(size: float) -> str:
    """Bytes in words: "133 MB"."""
    return f"{size / 1e6:.0f} MB" if size >= 9.5e6 else f"{size / 1e6:.1f} MB"
