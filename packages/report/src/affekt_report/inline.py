"""A few lines for a notebook: the verdict, why, and the timeline as one inline SVG. No scripts, no style sheets."""

from pathlib import Path

from affekt_recordings import DISCLAIMER, Analysis

from affekt_report import timeline
from affekt_report.page import environment, missing
from affekt_report.palette import colours


def notebook(analysis: Analysis) -> str:
    """Compact HTML for `_repr_html_`."""
    prediction, duration = analysis.prediction, analysis.duration
    ordered = sorted(analysis.scores, key=lambda emotion: (emotion != "neutral", -analysis.scores[emotion]))
    palette = colours(ordered)
    return environment().get_template("inline.html").render(
        name=Path(analysis.source).name,
        felt=analysis,
        prediction=prediction,
        length=analysis.length,
        timed=analysis.is_timed,
        colours=palette,
        ranking=sorted(analysis.scores.items(), key=lambda item: -item[1])[:5],
        ribbons=timeline.ribbons(prediction.timeline, duration, palette),
        ticks=timeline.ticks(duration, most=6) if duration > 0 else [],
        missing=missing(analysis),
        disclaimer=DISCLAIMER,
    )  # fmt: skip
