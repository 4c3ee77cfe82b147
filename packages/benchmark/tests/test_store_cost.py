"""The cost of the feature store, on a small scale: what is compared is equal, and the numbers are there."""

from pathlib import Path

from affekt_benchmark import store


def test_hits_are_compared_with_a_bare_read_of_the_same_bytes(tmp_path: Path) -> None:
    found = store.of_hits(tmp_path, entries=3, rounds=2, rows=20)
    assert found.equal
    assert found.entry_bytes > 20 * store.WIDTH * 4
    assert min(found.bare_read, found.hit, found.first_hit, found.ratio) > 0


def test_an_extraction_is_killed_at_half_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    found = store.of_resuming(tmp_path, clips=6, rounds=1)
    assert found.equal
    assert (found.clips, found.done_before) == (6, 3)
