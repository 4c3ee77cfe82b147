from pathlib import Path

import numpy as np
import pytest
import torch
from affekt_voices.perth import SAMPLE_RATE, PerthNet
from affekt_voices.weights import CHECKPOINT, PERTH
from affekt_weights import fetch

from .conftest import syllables


@pytest.fixture(scope="module")
def network() -> PerthNet:
    return PerthNet.load(fetch(PERTH) / CHECKPOINT)


def test_mark_and_score_are_those_of_resemble_perth_itself(network: PerthNet):
    """`perth_reference.npz` holds what resemble-perth 1.0.1, run with torchaudio's transforms, made of this sound.

    It has every 16th sample of the difference, and its scores before rounding.
    """
    reference = np.load(Path(__file__).with_name("perth_reference.npz"))
    sound = syllables(1.0, SAMPLE_RATE).samples
    residual = network.residual(torch.from_numpy(sound)).numpy()
    np.testing.assert_allclose(residual[::16], reference["residual"], atol=2e-6)
    assert network.score(torch.from_numpy(sound), within=None) == pytest.approx(float(reference["unmarked"]), abs=1e-4)
    marked = torch.from_numpy(sound + residual)
    assert network.score(marked, within=None) == pytest.approx(float(reference["marked"]), abs=1e-4)


def test_pauses_do_not_dilute_the_score(network: PerthNet):
    sound = torch.from_numpy(syllables(1.0, SAMPLE_RATE).samples)
    marked = sound + network.residual(sound)
    pause = torch.randn(SAMPLE_RATE, generator=torch.Generator().manual_seed(0)) * 1e-4
    paused = torch.cat([pause, marked, pause])
    assert network.score(paused, within=None) < 0.5 < 0.95 < network.score(paused)
