"""Imports MMAction2's backbones, preprocessors and transforms, and where the rest fails does without it.

Its wheel lacks a module that `mmaction.models` imports (mmaction2 issue 2714), and its multimodal models need a
transformers older than 5. Backbones need neither.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

from affekt import MissingDependency
from affekt_encoding.torch_builds import require_matching_builds

Composed = Callable[[dict[str, Any]], dict[str, Any]]


@cache
def registries() -> tuple[Any, Callable[[Sequence[Mapping[str, Any]]], Composed]]:
    """The registry of backbones and preprocessors, and what builds the steps of a pipeline in a row.

    Raises:
        MissingDependency: mmaction2 is installed and cannot be imported.
    """
    try:
        _import_models()
        import_module("mmaction.datasets.transforms")
        from mmaction.registry import MODELS, TRANSFORMS  # type: ignore[import-untyped]
    except (ImportError, AssertionError) as error:
        raise MissingDependency(
            f"mmaction2 cannot be imported: {error}", hint="pip install mmaction2 mmcv-lite==2.1.0 importlib_metadata"
        ) from error

    def composed(steps: Sequence[Mapping[str, Any]]) -> Composed:
        if any(step.get("type") == "TorchVisionWrapper" for step in steps):
            _require_torchvision()
        built = [TRANSFORMS.build(dict(step)) for step in steps]

        def run(results: dict[str, Any]) -> dict[str, Any]:
            for transform in built:
                results = transform(results)
            return results

        return run

    return MODELS, composed


def _require_torchvision() -> None:
    if find_spec("torchvision") is None:
        raise MissingDependency(
            "the config's pipeline uses TorchVisionWrapper, and torchvision is not installed",
            hint='pip install "affekt-mmaction2[torchvision]"',
        )
    require_matching_builds(["torchvision"])


def _import_models() -> None:
    try:
        import_module("mmaction.models")
    except ImportError:
        # What failed is gone from sys.modules, what it had imported is not. A package that was not run stands in for
        # it, because the registry asks for the package whenever it builds something.
        spec = find_spec("mmaction.models")
        if spec is None:
            raise
        sys.modules["mmaction.models"] = module_from_spec(spec)
        import_module("mmaction.models.backbones")
        import_module("mmaction.models.data_preprocessors")
