"""A finder that repairs CUDA builds of torchvision and torchaudio while they are imported on a CPU build of torch.

`install` runs at every interpreter start through a `.pth` file, so this module imports nothing heavy.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

Repair = Callable[[ModuleSpec], None]


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in ("torchvision", "torchaudio"):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def repaired(module: ModuleType) -> None:
            from affekt_torch_cpu import repairs

            getattr(repairs, f"before_{name}")(spec)
            execute(module)
            getattr(repairs, f"after_{name}")(module)

        spec.loader.exec_module = repaired  # type: ignore[method-assign]
        return spec


def install() -> None:
    """Puts the finder first, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
