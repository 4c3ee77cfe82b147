"""Draws which distribution imports which: `hatch run docs:diagram` writes `docs/images/architecture.svg`.

Layers stand on one another (`pages_from_code.layers`), arrows go down, and imports that follow from others are left out
(`pages_from_code.imports`). A test says when the picture is stale.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from pages_from_code.imports import Imports, reduced
from pages_from_code.layers import LAYERS, layer_of

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/images/architecture.svg"
WIDTH, MARGIN, BOX, STEP, ROW, LABEL = 1200, 20, 28, 150, 70, 26
"""Pixels: of the picture, around it, the height of a box, from box to box, from row to row, for a layer's name."""
STYLE = """
text { font: 13px sans-serif; fill: #1f2430; text-anchor: middle; dominant-baseline: central }
.layer { font-weight: bold; text-anchor: start; fill: #555e70 }
.band { fill: #f3f5fa } .box { fill: #ffffff; stroke: #4051b5 } .arrow { stroke: #4051b5; opacity: .35; fill: none }
"""


def drawing(imports: Imports) -> str:
    """The picture as SVG."""
    arrows = reduced({name: others - {"affekt"} for name, others in imports.packages.items()})
    positions: dict[str, tuple[float, float]] = {}
    bands: list[str] = []
    top = float(MARGIN)
    for layer in reversed(LAYERS):
        rows = list(_rows(layer, imports, arrows))
        height = LABEL + len(rows) * ROW
        bands.append(f'<rect class="band" x="{MARGIN}" y="{top:g}" width="{WIDTH - 2 * MARGIN}" height="{height}"/>')
        bands.append(f'<text class="layer" x="{MARGIN + 10}" y="{top + 16:g}">{layer}</text>')
        for number, row in enumerate(rows):
            left = (WIDTH - (len(row) - 1) * STEP) / 2
            positions |= {name: (left + i * STEP, top + LABEL + (number + 0.5) * ROW) for i, name in enumerate(row)}
        top += height + MARGIN
    lines = [_arrow(positions[name], positions[other]) for name, others in arrows.items() for other in sorted(others)]
    boxes = [part for name, place in positions.items() for part in _box(name, place)]
    described = "The distributions of affekt in layers, each with arrows down to those that it imports."
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:g}" role="img">'
    return "\n".join(
        [head, f"<title>{described}</title>", f"<style>{STYLE}</style>", *bands, *lines, *boxes, "</svg>\n"]
    )


def _rows(layer: str, imports: Imports, arrows: dict[str, set[str]]) -> Iterator[list[str]]:
    """The packages of a layer in rows: those that are imported within it stand below, seven in a row."""
    own = sorted(package for package in imports.packages if layer_of(package, imports) == layer)
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deep(other) for other in arrows[name] if other in own), default=-1)
        return depth[name]

    for level in sorted(set(map(deep, own)), reverse=True):
        row = [name for name in own if depth[name] == level]
        for start in range(0, len(row), 7):
            yield row[start : start + 7]


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), (to_x, to_y) = (start[0], start[1] + BOX / 2), (end[0], end[1] - BOX / 2)
    bend = max(20.0, (to_y - y) / 2)
    return f'<path class="arrow" d="M{x:g} {y:g} C{x:g} {y + bend:g} {to_x:g} {to_y - bend:g} {to_x:g} {to_y:g}"/>'


def _box(name: str, place: tuple[float, float]) -> Iterator[str]:
    x, y = place
    width = STEP - 14
    yield f'<rect class="box" x="{x - width / 2:g}" y="{y - BOX / 2:g}" width="{width}" height="{BOX}" rx="5"/>'
    shown = "core" if name == "affekt" else name.removeprefix("affekt_").replace("_", "-")
    yield f'<text x="{x:g}" y="{y:g}">{escape(shown)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(drawing(Imports(ROOT)), encoding="utf-8")
    print(PICTURE.relative_to(ROOT))
