"""Extraction does little before its first clip but to import what it needs."""

from affekt_benchmark.costs import starting


def test_extraction_starts_within_its_limit(tmp_path):
    found = starting.of_extraction(tmp_path, rounds=1)
    assert 0 < found.ratio <= starting.LIMIT
