"""Arrows go down: no import of a higher layer, no circle, and a picture that shows what is so."""

import ast
import re
import sys
import tokenize
from io import StringIO
from pathlib import Path

import affekt
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))  # what reads the imports belongs to the documentation

from draw_architecture import PICTURE, drawing  # noqa: E402
from pages_from_code.imports import Imports, circles, reduced  # noqa: E402
from pages_from_code.layers import upward  # noqa: E402

IMPORTS = Imports(ROOT)
CORE = sorted((ROOT / "core/src/affekt").glob("*.py"))
MOST_CODE, MOST_LINES = 1812, 3064
"""Core's size, which may shrink: lines that hold code (no docstring, comment or blank line), and all lines."""


def test_no_distribution_imports_a_higher_layer():
    assert not list(upward(IMPORTS))


def test_distributions_import_in_no_circle():
    assert not circles(IMPORTS.packages)


@pytest.mark.parametrize("package", IMPORTS.packages)
def test_the_files_of_a_distribution_import_in_no_circle(package):
    assert not circles(IMPORTS.within(package))


def test_the_picture_shows_the_imports_as_they_are():
    assert PICTURE.read_text(encoding="utf-8") == drawing(IMPORTS), "hatch run docs:diagram draws it anew"


def test_core_reads_in_the_order_that_its_docstring_gives():
    steps = re.findall(r"^\d\. (.*?):", affekt.__doc__, re.MULTILINE)
    order = [f"affekt.{name}" for step in steps for name in re.findall(r"`(\w+)`", step)]
    assert {*order, "affekt", "affekt.elsewhere"} == {
        name for name in IMPORTS.files if name.partition(".")[0] == "affekt"
    }
    early = {(name, other) for at, name in enumerate(order) for other in order[at:] if other in IMPORTS.files[name]}
    assert not early


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_no_file_of_core_is_longer_than_200_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200


def lines_of_code(path: Path) -> int:
    """Lines of which something is neither a docstring (of a module, class, function or field) nor a comment."""
    text = path.read_text(encoding="utf-8")
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    layout = {*(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)}
    tokens = [token for token in tokenize.generate_tokens(StringIO(text).readline) if token.type not in layout]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstrings)


def test_core_does_not_grow_again():
    assert sum(map(lines_of_code, CORE)) <= MOST_CODE, "which distribution above core can hold what was added?"
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in CORE) <= MOST_LINES


def test_lines_of_code_are_counted_without_docstrings_comments_and_blanks(tmp_path):
    path = tmp_path / "module.py"
    text = '"""What it\nholds."""\n\n# why\nX = 1  # one\n"""Of X."""\n\n\n'
    text += 'def f():\n    """Says."""\n    return """a\nb"""\n'
    path.write_text(text)
    assert lines_of_code(path) == 4


def repository(root: Path, **files: str) -> Imports:
    """A repository with these files: distribution and module in the name, as `media__loading`."""
    for name, text in files.items():
        package, _, module = name.partition("__")
        folder = "core" if package == "affekt" else f"{'plugins' if package == 'hubert' else 'packages'}/{package}"
        path = root / folder / "src" / (package if package == "affekt" else f"affekt_{package}") / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.joinpath("__init__.py").touch()
        path.write_text(text)
    return Imports(root)


@pytest.mark.parametrize(
    "code", ["import affekt_media", "def read():\n    from affekt_media import load", 'import_module("affekt_media")']
)
def test_an_upward_import_is_found_wherever_it_stands(tmp_path, code):
    imports = repository(tmp_path, affekt__windows=code, media__loading="from affekt import windows")
    assert list(upward(imports)) == ["affekt (core) imports affekt_media (shared parts)"]
    assert circles(imports.packages) == [["affekt", "affekt_media"]]


def test_shared_parts_that_import_a_component_are_found(tmp_path):
    imports = repository(tmp_path, media__loading="from affekt_hubert.encoder import Encoder", hubert__encoder="")
    assert list(upward(imports)) == ["affekt_media (shared parts) imports affekt_hubert (components)"]


def test_circles_of_files_are_found_and_those_for_type_checkers_are_none(tmp_path):
    circle = {
        "media__loading": "from affekt_media.limits import LIMIT",
        "media__limits": "def late():\n    from . import request",
        "media__request": "from affekt_media import loading",
    }
    found = circles(repository(tmp_path / "one", **circle).within("affekt_media"))
    assert found == [["affekt_media.limits", "affekt_media.loading", "affekt_media.request"]]
    circle["media__request"] = f"if TYPE_CHECKING:\n    {circle['media__request']}"
    assert not circles(repository(tmp_path / "two", **circle).within("affekt_media"))


def test_imports_that_follow_from_others_are_left_out_of_the_picture():
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
