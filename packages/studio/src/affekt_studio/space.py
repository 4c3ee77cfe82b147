"""`affekt studio space DIR`: a folder that can be pushed to Hugging Face Spaces.

A Docker Space serves the studio itself. A Gradio Space, with a smaller page, borrows a GPU for each analysis. A static
Space, which needs no machine, shows recordings that were analysed before.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path

import yaml
from affekt import DataError, PipelineSpec, plugins
from packaging.utils import parse_wheel_filename

from affekt_studio.config import SpaceKind as Kind
from affekt_studio.pinning import pins, resolved

INSTALLED = ("affekt[studio]",)
"""What a Docker Space installs, in the versions that are installed here."""
GRADIO_INSTALLED = ("affekt-media", "affekt-report", "affekt-voices", "affekt-weights")
"""What the page of a Gradio Space imports, beside its pipeline's components."""
GRADIO_PYTHON = "3.12.12"
"""One of the two versions that ZeroGPU runs."""
GRADIO_TORCH = "torch==2.10.0"
"""ZeroGPU runs torch 2.8.0, 2.9.1, 2.10.0 and 2.11.0; the last brings CUDA 13, and faster-whisper asks for 12."""
GRADIO_SERVED = ("gradio[mcp,oauth]>=6.31,<7", "spaces>=0.51", "uvicorn>=0.14", "websockets>=10.4")
"""What serves the page, with what Spaces add to every Gradio Space: pins that exclude it would not install."""
COPIED = "COPY --chown=1000 requirements.txt .\n"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
FRONT: dict[str, object] = {
    "title": "affekt",
    "emoji": "🎭",
    "colorFrom": "indigo",
    "colorTo": "gray",
    "pinned": False,
    "license": "apache-2.0",
    "short_description": "What is felt in a recording, and why",
}
ABOUT = """
# affekt

What is felt in a recording, and why. Emotions are inferred by a machine from voice, face and words, and may be wrong.
Tell people before you analyse a recording of them. {kept}

Made by `affekt studio space`. See https://github.com/affekt-project/affekt.
"""
KEPT = {
    Kind.docker: "Recordings are seen by the browser that sent them alone, and are removed after an hour.",
    Kind.gradio: "Recordings are seen by the browser that sent them alone, and are removed after two hours at most.",
    Kind.static: "These recordings were analysed before; nothing is uploaded here.",
}


def write_space(
    folder: Path,
    kind: Kind | str,
    examples: Sequence[Path] = (),
    pipeline: str = "default",
    wheels: Path | None = None,
) -> list[Path]:
    """Writes the files of a Space, and returns them.

    Args:
        examples: recordings, whose results are shipped; of a static Space they are all that it shows.
        pipeline: analyses the examples; in a Gradio Space it runs as well.
        wheels: a folder with wheels that no index has, such as those that `uv build --wheel` makes of a clone;
            the ones that a Docker Space installs are shipped with it.

    Raises:
        DataError: the folder holds something already, a static Space has no example, a Gradio Space cannot ship wheels,
            or its versions do not fit together.
        MissingDependency: uv, which resolves a Gradio Space's versions, is not installed.
        SpecError: the pipeline has problems.
    """
    kind = Kind(kind)
    if folder.exists() and any(folder.iterdir()):
        raise DataError(f'"{folder}" is not empty', hint="a new folder")
    if kind is Kind.static and not examples:
        raise DataError("a static Space shows results, and no recording is given", hint="--example clip.mp4")
    if kind is Kind.gradio and wheels is not None:
        raise DataError(
            "a Gradio Space installs its requirements before it has its other files, so it cannot ship wheels",
            hint="--kind docker, or versions that are published",
        )
    folder.mkdir(parents=True, exist_ok=True)
    match kind:
        case Kind.docker:
            own = _write_docker(folder, bool(examples), wheels)
        case Kind.gradio:
            own = _write_gradio(folder, pipeline)
        case Kind.static:
            own = {"app_file": "index.html"}
    front = yaml.safe_dump(FRONT | {"sdk": kind.value} | own, sort_keys=False, allow_unicode=True)
    (folder / "README.md").write_text(f"---\n{front}---\n{ABOUT.format(kept=KEPT[kind])}", encoding="utf-8")
    if examples:
        _write_examples(folder, examples, pipeline, kind)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_docker(folder: Path, examples: bool, wheels: Path | None) -> dict[str, object]:
    """Writes the Dockerfile and what it installs, and returns what the front matter says of it."""
    template = _template("Dockerfile")
    lines = [f"--extra-index-url {TORCH_INDEX}", *pins(INSTALLED)]
    if examples:
        template = template.replace('"--no-browser"]', '"--no-browser", "--examples", "examples"]')
    if wheels is not None:
        lines.insert(1, "--find-links wheels")
        template = template.replace(COPIED, f"{COPIED}COPY --chown=1000 wheels wheels\n")
        _copy_wheels(wheels, folder / "wheels", lines)
    (folder / "Dockerfile").write_text(template, encoding="utf-8")
    _write_lines(folder / "requirements.txt", lines)
    return {"app_port": 7860}


def _write_gradio(folder: Path, pipeline: str) -> dict[str, object]:
    """Writes the page, its pipeline and what they install, and returns what the front matter says of them."""
    spec = PipelineSpec.read(pipeline)
    spec.save(folder / "pipeline.yaml")
    (folder / "app.py").write_text(_template("app.py"), encoding="utf-8")
    components = {plugins().find(role, use.use).distribution for _, role, use in spec.slots()}
    python = GRADIO_PYTHON.rpartition(".")[0]
    lines = resolved([*GRADIO_INSTALLED, *sorted(components)], python, [GRADIO_TORCH, *GRADIO_SERVED])
    _write_lines(folder / "requirements.txt", lines)
    return {
        "sdk_version": next(line.partition("==")[2] for line in lines if line.startswith("gradio==")),
        "python_version": GRADIO_PYTHON,
        "app_file": "app.py",
        "suggested_hardware": "zero-a10g",  # as ZeroGPU is still called there
        "startup_duration_timeout": "1h",
    }


def _template(name: str) -> str:
    return (resources.files("affekt_studio") / "space_files" / name).read_text(encoding="utf-8")


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _copy_wheels(wheels: Path, target: Path, pinned: Sequence[str]) -> None:
    target.mkdir()
    for path in sorted(wheels.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(path.name)
        if any(re.fullmatch(rf"{re.escape(name)}(\[.*\])?=={re.escape(str(version))}", line) for line in pinned):
            shutil.copyfile(path, target / path.name)
    if not any(target.iterdir()):
        raise DataError(f'"{wheels}" holds no wheel that the Space installs', hint="uv build --wheel FOLDER -o DIR")


def _write_examples(folder: Path, examples: Sequence[Path], pipeline: str, kind: Kind) -> None:
    """A report an example, and a page that lists them where no other does."""
    import affekt
    import affekt_report

    running = affekt.load(pipeline, speaker=None)
    target = folder if kind is Kind.static else folder / "examples"
    target.mkdir(exist_ok=True)
    listed = []
    for path in examples:
        felt = running.analyze(path)
        report = f"{path.stem}.html"
        affekt_report.write(felt, target / report)
        if kind is Kind.docker:
            shutil.copyfile(path, target / path.name)
        listed.append((path.stem, report, felt.label if felt.prediction.abstained is None else "nothing claimed"))
    if kind is not Kind.gradio:
        page = _template("index.html").replace("<!-- examples -->", "\n".join(_rows(listed)))
        (target / "index.html").write_text(page, encoding="utf-8")


def _rows(listed: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for name, report, felt in listed:
        yield f'<li><a href="{escape(report)}">{escape(name)}</a>: {escape(felt)}</li>'
