"""All that the reasoner has gathered about one clip before it concludes."""

from dataclasses import dataclass

import numpy as np
from affekt import Evidence, Features
from affekt_clues.phrasing import Absent
from jaxtyping import Float64

from affekt_heads.moments import Spans
from affekt_heads.opinion import Opinion


@dataclass(frozen=True, kw_only=True, eq=False)
class Hearing:
    """Who said what, who said nothing and why."""

    evidence: Evidence
    spans: Spans
    opinions: tuple[Opinion, ...]
    unheard: tuple[Absent, ...]
    prior: Float64[np.ndarray, "emotion"]
    action_units: Features | None
    prosody: Features | None
