"""A small corpus of tones in RAVDESS's layout, louder where a rule is to find excitement; and rules to answer it."""

import sys
from pathlib import Path

import pytest
from affekt import plugins

sys.path.insert(0, str(Path(__file__).parent))

import level_rule
import miniatures

PIPELINE = "name: loud\nencoders: {speech: loudness}\nreasoner: loud-is-excited\n"
LEVELS = "name: levels\nencoders: {speech: loudness}\nreasoner: level-rule\n"
CODES = {"01": 0.02, "03": 0.5, "04": 0.03, "05": 0.8}


def write_tone(path, level, number=0, seconds=0.6):
    miniatures.put(path, miniatures.tone(level, number, seconds))


@pytest.fixture(scope="session", autouse=True)
def level_rule_is_installed():
    plugins().add("level_rule", "affekt-level-rule", "0.1.0", level_rule)
    yield
    plugins().components.pop(("reasoner", "level-rule"), None)  # other tests discover the plugins anew


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ravdess")
    for actor in range(1, 4):
        for code, level in CODES.items():
            name = f"03-01-{code}-01-01-01-{actor:02d}.wav"
            write_tone(folder / f"Actor_{actor:02d}" / name, level * (0.6 + 0.1 * actor), number=20 * actor)
    return folder


@pytest.fixture(scope="session")
def miniature(tmp_path_factory):
    """Data set → the folder of its miniature, written once."""
    made = {}

    def folder(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            miniatures.WRITERS[name](made[name])
        return made[name]

    return folder


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory):
    path = tmp_path_factory.mktemp("pipeline") / "loud.yaml"
    path.write_text(PIPELINE)
    return path


@pytest.fixture(scope="session")
def levels(tmp_path_factory):
    path = tmp_path_factory.mktemp("pipeline") / "levels.yaml"
    path.write_text(LEVELS)
    return path


@pytest.fixture(scope="session")
def llama(tmp_path_factory):
    """The folder of a tiny random LLaMA."""
    pytest.importorskip("affekt_emotion_llama")
    import tiny_llama

    return tiny_llama.language_model(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def emotion_llama(llama, tmp_path_factory):
    """A pipeline around a tiny Emotion-LLaMA: give it the labels, or another model."""
    import tiny_llama

    made = tmp_path_factory.mktemp("emotion_llama")

    def written(labels, name="untrained", seed=0):
        model = made / name
        if not model.exists():
            tiny_llama.emotion_llama(llama, tuple(labels), model, seed)
        path = made / f"{name}.yaml"
        path.write_text(
            f"name: {name}\nencoders: {{speech: loudness}}\nfuser: {{use: linear, model: {model}}}\n"
            f"reasoner: {{use: emotion-llama, model: {model}, task: null}}\n"
        )
        return path, model

    return written
