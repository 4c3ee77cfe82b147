"""Runs the documentation: Python blocks in one namespace a page, YAML blocks as files, console blocks as commands.

The page runs in an empty folder that holds the sample clip as `clip.mp4`.
"""

import os
import shlex
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser


def _write_file(example: Example) -> None:
    first, _, rest = example.parsed.partition("\n")
    Path(first.removeprefix("# ").strip()).write_text(rest)


def _run_commands(example: Example) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for line in example.parsed.splitlines():
        if line.startswith("$ "):
            done = subprocess.run(shlex.split(line[2:]), capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def beside_the_clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with (files("affekt_cli") / "sample" / "white_house_statement_2015.mp4").open("rb") as sample:
        (folder / "clip.mp4").write_bytes(sample.read())
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)
    shutil.rmtree(folder)


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="yaml", evaluator=_write_file),
        CodeBlockParser(language="console", evaluator=_run_commands),
    ],
    patterns=["tutorial.md"],
    fixtures=["beside_the_clip"],
).pytest()
