"""The pytest plugin: says what to fix when a test of the kit fails, lets new tests warn first, and has a fixture."""

import warnings
from collections.abc import Generator, Iterator
from inspect import getdoc
from typing import TYPE_CHECKING

import pytest

from affekt_testing.overriding import only_warns

if TYPE_CHECKING:
    from affekt_testing.chat_server import ChatServer


class ConformanceWarning(UserWarning):
    """A test that is new in the kit fails; from the named release on this is a failure."""


def pytest_configure(config: pytest.Config) -> None:
    """Declares the kit's mark."""
    config.addinivalue_line("markers", "affekt_warns_before(release): a new test of the kit, which warns until then")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the docstring to a failure of the kit; a failure that only warns is reported as expected."""
    report = yield
    kind = getattr(item, "cls", None)
    if not report.failed or not hasattr(kind, "is_conformance_suite"):
        return report
    if doc := getdoc(getattr(item, "function", None)):
        report.sections.append(("What to fix", doc))
    release = only_warns(item)
    if release and call.when == "call":
        warning = (
            f"{item.nodeid} fails; from affekt-testing {release} on this counts: {call.excinfo and call.excinfo.value}"
        )
        warnings.warn_explicit(ConformanceWarning(warning), None, str(item.path), 0)
        report.outcome = "skipped"
        report.wasxfail = f"new in the kit; counts from {release} on"
    return report


@pytest.fixture
def chat_server() -> "Iterator[ChatServer]":
    """A loopback server that answers as an OpenAI-compatible endpoint does, or as a broken one does."""
    from affekt_testing.chat_server import serving

    with serving() as server:
        yield server
