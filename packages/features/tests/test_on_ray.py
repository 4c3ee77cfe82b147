"""Extraction on Ray."""

import os
from collections.abc import Callable

import pytest
from affekt_datasets import Sample
from affekt_features.extraction import extract
from affekt_features.job import Job

Clips = Callable[[int], list[Sample]]
Make = Callable[..., Job]
Files = Callable[[str], dict[str, bytes]]


@pytest.mark.slow
def test_ray_writes_the_same_bytes(ray_cluster: None, faces: Clips, voices: Clips, job: Make, files: Files) -> None:
    samples = [*voices(1), *faces(20)]
    here, there = job("prosody", "brightness", store="here"), job("prosody", "brightness", store="ray", batch_size=4)
    extract(here, samples)
    summary = extract(there, samples, engine="ray", workers=2)
    assert (summary.computed, summary.failed) == (21, [])
    assert files(here.store) == files(there.store)
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
