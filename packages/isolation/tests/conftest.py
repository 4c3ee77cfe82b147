"""A made-up distribution whose components misbehave, installed where only a worker with this PYTHONPATH finds it."""

import sys
from pathlib import Path

import numpy as np
import pytest
from affekt import AudioSignal, Clip
from affekt_isolation import isolate

PLUGIN = """
from affekt import ComponentInfo, ROLES, hookimpl

@hookimpl
def affekt_components():
    yield ComponentInfo(role="encoder", name="hostile", target="hostile_components:Hostile", summary="Misbehaves")
    yield ComponentInfo(role="encoder", name="raises-at-import", target="hostile_import:Never", summary="Never loads")
    for role in ROLES:
        target = f"hostile_components:Mirror{role.title()}"
        yield ComponentInfo(role=role, name="mirror", target=target, summary="Gives back")
"""
METADATA = "Metadata-Version: 2.1\nName: affekt-hostile\nVersion: 0.7\nRequires-Dist: affekt-core>=0.1,<0.2\n"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder it is installed in."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "affekt_hostile-0.7.dist-info").mkdir()
    texts = {
        "hostile_plugin.py": PLUGIN,
        "hostile_import.py": "raise SystemExit('no import')",
        "hostile_components.py": (Path(__file__).parent / "hostile_components.py").read_text(),
        "affekt_hostile-0.7.dist-info/METADATA": METADATA,
        "affekt_hostile-0.7.dist-info/entry_points.txt": "[affekt]\nhostile = hostile_plugin\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def worker(site, monkeypatch):
    """Makes a component that runs in a worker, and closes it."""
    monkeypatch.setenv("PYTHONPATH", str(site))
    made = []

    def make(role="encoder", name="hostile", limits=(), **options):
        made.append(isolate(role, name, options, python=sys.executable, **dict(limits)))
        return made[-1]

    yield make
    for component in made:
        component.close()


@pytest.fixture
def clip():
    """A second of sound."""
    samples = np.sin(np.arange(16_000, dtype=np.float32))
    return Clip(id="one", audio=AudioSignal(samples=samples, sample_rate=16_000))
