"""Announces the weights of watermark and speaker encoder. Imported to list plugins: keep it free of torch."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt_weights import WeightsInfo

from affekt_voices.weights import GE2E, PERTH


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield PERTH
    yield GE2E
