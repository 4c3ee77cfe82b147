"""When the rows of a face's features begin and end."""

import numpy as np
from affekt import FaceTrack
from jaxtyping import Float64


def spans(faces: FaceTrack) -> Float64[np.ndarray, "time 2"]:
    """Each row holds until the next look, and no longer: while the face is out of sight, nothing is known.

    Of a track that does not say when the looks were, rows hold until the next sighting, if that comes as soon as usual.
    """
    ends = faces.ends
    if ends is None:
        steps = np.diff(faces.times)
        usual = float(np.median(steps)) if len(steps) else 0.1
        ends = faces.times + np.append(np.minimum(steps, usual * 1.5), usual)
    return np.stack([faces.times, ends], axis=1)
