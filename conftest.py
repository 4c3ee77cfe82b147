"""For every test of the workspace."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def keys_apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test signs with the user's own certificate, or finds the user's lent voices."""
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path_factory.getbasetemp() / "lent"))


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """A local cluster of Ray, which takes a minute to start; tests that use it are in files test_on_ray.py."""
    pytest.importorskip("ray")
    from affekt_features.on_ray import cluster

    with cluster(workers=2):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Integration tests come last: their groups are small, so that several processes end together."""
    items.sort(key=lambda item: item.nodeid.startswith("integration-tests"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Tests that share fixtures run in one process, where pytest-xdist is given several.

    These are those of a distribution, those of a file of the integration tests and the docs, and those that need Ray.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFixtures(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folders = nodeid.partition("::")[0].split("/")
            if folders[-1] == "test_on_ray.py":
                return "ray"
            return "/".join(folders[: 1 if folders[0] in ("core", "release") else 2])

    return ByFixtures(config, log)
