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


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share fixtures run in one process, where pytest-xdist is given several: those of a distribution, those
    of a file of the integration tests, and those that need Ray."""
    items.sort(key=place)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))


def place(item: pytest.Item) -> int:
    """Integration tests come last: their groups are small, so that the processes end together."""
    return 1 if uses_ray(item) else 2 if top(item) == "integration-tests" else 0


def group(item: pytest.Item) -> str:
    folders = item.path.relative_to(item.config.rootpath).parts
    return "ray" if uses_ray(item) else "/".join(folders[: 1 if top(item) in ("core", "release") else 2])


def uses_ray(item: pytest.Item) -> bool:
    return "ray_cluster" in getattr(item, "fixturenames", ())


def top(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath).parts[0]
