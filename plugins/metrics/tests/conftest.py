import os
from pathlib import Path

import pytest
from affekt import EmotionPrediction, plugins

SHARED = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).parents[4] / "shared"))


@pytest.fixture(scope="session")
def golden():
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip(f"the golden data of the metrics is not at {folder}; set AFFEKT_SHARED")
    return folder


@pytest.fixture(scope="session")
def evaluator():
    return lambda name, **options: plugins().create("evaluator", name, **options)


@pytest.fixture(scope="session")
def words():
    """A prediction in open-vocabulary words."""
    return lambda *labels: EmotionPrediction(scores={"any": 1.0}, labels=labels)


@pytest.fixture(scope="session")
def sure():
    """A prediction of one class."""
    return lambda label, share=1.0: EmotionPrediction(scores={label: share, "other": 1 - share})
