"""For every test of the workspace."""

import pytest


@pytest.fixture(autouse=True)
def keys_apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test signs with the user's own certificate, or finds the user's lent voices."""
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path_factory.getbasetemp() / "lent"))
