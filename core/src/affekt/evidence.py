"""What is known of a clip before anything is concluded: features over time, or why there are none.

What is concluded is in `answers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy.typing import DTypeLike

from affekt.contracts import require_reasons, require_text, require_within
from affekt.data import Clip
from affekt.errors import DataError, MissingDependency
from affekt.shapes import Checked, counted, freeze

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What an encoder returns for a clip that lacks its modality. Zeros never stand in for data."""

    reason: str
    """In plain words: "no face in any of 87 frames"."""

    def __post_init__(self) -> None:
        require_text("Missing.reason", self.reason)


@dataclass(frozen=True, kw_only=True, eq=False)
class Features(Checked):
    """Rows over time that carry their clock: regular (`start`, `hop`) or one explicit span a row."""

    values: Float32[np.ndarray, "time dim"]
    hop: float | None = None
    """Seconds from one row to the next; None where `spans` says when each row is."""
    start: float = 0.0
    """Seconds from the start of the clip to the first row's beginning."""
    spans: Float64[np.ndarray, "time 2"] | None = None
    """Beginning and end of every row in seconds, where rows are irregular."""
    names: tuple[str, ...] | None = None
    """Of the columns, where they mean something: "AU12", "loudness"."""
    source: str = ""
    """The component and the options that made them; the pipeline fills it in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.hop is None) == (self.spans is None):
            raise DataError(
                "Features need a clock: either `hop` or `spans`, and not both", hint="hop=0.02, the seconds of a row"
            )
        if not len(self.values):
            raise DataError("Features hold no row", hint='return Missing(reason="…"), which says why there is none')
        if self.hop is not None:
            require_within("Features.hop", self.hop, above=0)
        if not np.isfinite(self.start):
            raise DataError(f"Features.start should be a time in seconds; found {self.start}", hint="start=0.0")
        if self.spans is not None and len(wrong := _reversed(self.spans)):
            row, (begin, end) = int(wrong[0]), self.spans[wrong[0]]
            raise DataError(
                f"Features.spans should begin before they end, in seconds; found row {row} from {begin} to {end}",
                hint="spans[:, 0] begins, spans[:, 1] ends",
            )
        if self.names is not None and len(self.names) != self.values.shape[1]:
            raise DataError(f"Features.names has {len(self.names)} names for {self.values.shape[1]} columns")
        if not np.isfinite(self.values).all():
            raise DataError(f"Features of {self.source or 'an encoder'} hold NaN or infinity")

    def clock(self) -> Float64[np.ndarray, "time 2"]:
        """Beginning and end of every row, in seconds from the start of the clip."""
        if self.spans is not None:
            return self.spans
        begin = self.start + np.arange(len(self.values)) * (self.hop or 0.0)
        return np.stack([begin, begin + (self.hop or 0.0)], axis=1)

    def column(self, name: str) -> Float32[np.ndarray, "time"]:
        """One named column.

        Raises:
            DataError: there is no column of this name.
        """
        if self.names is None or name not in self.names:
            raise DataError(f'no column "{name}" in features of {self.source!r}; found {list(self.names or ())}')
        return self.values[:, self.names.index(name)]

    def to_frame(self) -> "DataFrame":
        """The rows as a pandas DataFrame, indexed by the seconds at which each begins and ends.

        Columns have the features' names, or their numbers; `frame.attrs["source"]` says what made them.

        Raises:
            MissingDependency: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingDependency("Features.to_frame needs pandas", hint="pip install pandas") from error
        index = pandas.MultiIndex.from_arrays(list(self.clock().T), names=["start", "end"])
        frame = pandas.DataFrame(self.values, index=index, columns=self.names)
        frame.attrs["source"] = self.source
        return frame

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """The values, so that NumPy takes features as the array they hold.

        Without `copy` it is the same memory, which other components share: it must not be changed in place.
        """
        if copy is None:
            return np.asarray(self.values, dtype=dtype)
        return np.array(self.values, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        rows, columns = self.values.shape
        names = "" if self.names is None else f" ({', '.join(self.names[:3])}{', …' if columns > 3 else ''})"
        clock = "at their own times" if self.hop is None else f"every {self.hop:g} s"
        source = f", from {self.source}" if self.source else ""
        return f"<Features: {counted(rows, 'row')} of {counted(columns, 'column')}{names}, {clock}{source}>"


def _reversed(spans: Float64[np.ndarray, "time 2"]) -> Int64[np.ndarray, "row"]:
    """Rows that end before they begin, or at no time at all."""
    right = np.isfinite(spans).all(axis=1) & (spans[:, 0] <= spans[:, 1])
    return np.flatnonzero(~right)


@dataclass(frozen=True, kw_only=True, eq=False)
class FusedSequence(Checked):
    """Tokens in the reasoner's embedding space."""

    tokens: Float32[np.ndarray, "token hidden"]
    mask: Bool[np.ndarray, "token"]
    """False where a modality is missing: the reasoner must not attend there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence(Checked):
    """All that is known of a clip before anything is concluded."""

    clip: Clip
    features: Mapping[str, Features] = field(default_factory=dict)
    """Slot of the pipeline → features."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Slot of the pipeline → why it has no features."""
    fused: FusedSequence | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        freeze(self, "features", "missing")
        require_reasons("Evidence.missing", self.missing)
