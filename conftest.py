"""For every test of the workspace."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def keys_apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test signs with the user's own certificate, or finds the user's lent voices."""
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path_factory.getbasetemp() / "lent"))


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """A local cluster of Ray, which takes a minute to start; the tests that use it run last, one after the other."""
    pytest.importorskip("ray")
    from affekt_features.on_ray import cluster

    with cluster(workers=2):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "ray_cluster" in getattr(item, "fixturenames", ()))
