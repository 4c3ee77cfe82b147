"""The cost of the feature store, on a small scale: what is compared is equal, and the numbers are there."""

from functools import partial
from pathlib import Path

import pytest
from affekt_benchmark.commands.bench import app
from affekt_benchmark.costs import store
from typer.testing import CliRunner


def test_hits_are_compared_with_a_bare_read_of_the_same_bytes(tmp_path: Path) -> None:
    found = store.of_hits(tmp_path, entries=3, rounds=2, rows=20)
    assert found.equal
    assert found.entry_bytes > 20 * store.WIDTH * 4
    assert min(found.bare_read, found.hit, found.first_hit, found.ratio) > 0


def test_an_extraction_is_killed_at_half_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    found = store.of_resuming(tmp_path, clips=6, rounds=1)
    assert found.equal
    assert (found.clips, found.done_before) == (6, 3)


def test_one_command_measures_the_wheels_and_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "OTHER_ROWS", (20,))
    monkeypatch.setattr(store, "of_resuming", partial(store.of_resuming, rounds=1))
    ran = CliRunner().invoke(
        app, ["limits", "--clips", "200", "--entries", "2", "--job", "4", "--folder", str(tmp_path)]
    )
    assert ran.exit_code in (0, 1), ran.output  # figures of so few say nothing
    for line in ("compiled wheels", "hit / bare read", "first / bare read", "going on / remaining half"):
        assert line in ran.output
