"""What keeps the kit's promise: its tests cannot be replaced quietly, and new ones warn before they fail."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import FunctionType
from typing import Any, NoReturn

import pytest
from packaging.version import Version


def guard(kind: type, kit: type) -> None:
    """Turns overridden tests of the kit into failures, unless they are marked `xfail(reason="…")`.

    An override with a reason runs the kit's own test under that mark; should it pass, the reason no longer holds and
    the strict mark fails.
    """
    for name in [name for name in vars(kind) if name.startswith("test_") and hasattr(kit, name)]:
        original = getattr(kit, name)
        reason = _reason(vars(kind)[name])
        if reason:
            setattr(kind, name, pytest.mark.xfail(reason=reason, strict=True)(_copy(original)))
        else:
            setattr(kind, name, _refusal(kind, name, original.__doc__))


def warns_before(release: str) -> Callable[[FunctionType], FunctionType]:
    """Marks a test that is new in the kit: until `release` of affekt-testing, its failure is only a warning."""

    def mark(test: FunctionType) -> FunctionType:
        return pytest.mark.affekt_warns_before(release)(test)

    return mark


def only_warns(item: pytest.Item, installed: str | None = None) -> str | None:
    """The release from which this test fails, while that is still to come."""
    mark = item.get_closest_marker("affekt_warns_before")
    if mark is None:
        return None
    release: str = mark.args[0]
    now = Version(installed or version("affekt-testing")).base_version
    return release if Version(now) < Version(release) else None


def _reason(test: Any) -> str:
    marks = getattr(test, "pytestmark", [])
    reasons: list[Mapping[str, Any]] = [mark.kwargs for mark in marks if mark.name == "xfail"]
    return next((str(kwargs["reason"]) for kwargs in reasons if kwargs.get("reason")), "")


def _copy(test: FunctionType) -> FunctionType:
    copy = FunctionType(test.__code__, test.__globals__, test.__name__, test.__defaults__, test.__closure__)
    copy.__doc__ = test.__doc__
    return copy


def _refusal(kind: type, name: str, doc: str | None) -> Callable[[Any], NoReturn]:
    def refused(self: Any) -> NoReturn:
        pytest.fail(
            f"{kind.__name__} overrides {name} of the kit without saying why\n"
            f'Try: delete it and fix the component, or @pytest.mark.xfail(reason="…") above it',
            pytrace=False,
        )

    refused.__doc__ = doc
    return refused
