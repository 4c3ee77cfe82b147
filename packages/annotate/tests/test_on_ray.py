"""A run on Ray."""

import pytest
from affekt_annotate.running import annotate


@pytest.mark.slow
def test_on_ray_the_bytes_are_the_same(ray_cluster, world, files_of, tmp_path):
    for number in range(3):
        world.add(f"clip{number}", seed=number)
    samples = world.samples(clip0="happy", clip1="happy", clip2="sad")
    annotate(world.config(), samples, tmp_path / "local")
    annotate(world.config(), samples, tmp_path / "ray", engine="ray")
    assert files_of(tmp_path / "ray") == files_of(tmp_path / "local")
