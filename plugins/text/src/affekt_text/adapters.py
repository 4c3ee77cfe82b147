"""Where an adapter of a text encoder lies. Imports no framework."""

from pathlib import Path

from affekt_weights import fetch


def adapter_file(named: str) -> Path:
    """The file of an adapter: a path as it is, else the weights of that name.

    Raises:
        WeightsError: it is neither.
    """
    return Path(named).expanduser() if named.endswith(".safetensors") else fetch(named) / f"{named}.safetensors"
