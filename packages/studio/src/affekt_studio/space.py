"""`affekt studio space DIR`: a folder that can be pushed to Hugging Face Spaces.

A Docker Space serves the studio itself. A static Space, which is free, shows recordings that were analysed before.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from html import escape
from importlib import metadata, resources
from pathlib import Path
from typing import Literal

import yaml
from affekt import DataError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

Kind = Literal["docker", "static"]
INSTALLED = ("affekt[studio]",)
"""What a Space installs, in the versions that are installed here."""
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


def write_space(
    folder: Path,
    kind: Kind,
    examples: Sequence[Path] = (),
    pipeline: str = "default",
    wheels: Path | None = None,
) -> list[Path]:
    """Writes the files of a Space, and returns them.

    Args:
        examples: recordings, whose results are shipped; of a static Space they are all that it shows.
        wheels: a folder with wheels that no index has, such as those that `uv build --wheel` makes of a clone;
            the ones that a Docker Space installs are shipped with it.

    Raises:
        DataError: the folder holds something already, or a static Space has no example.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DataError(f'"{folder}" is not empty', hint="a new folder")
    if kind == "static" and not examples:
        raise DataError("a static Space shows results, and no recording is given", hint="--example clip.mp4")
    folder.mkdir(parents=True, exist_ok=True)
    own: dict[str, object] = {"app_port": 7860} if kind == "docker" else {"app_file": "index.html"}
    kept = (
        "Recordings are seen by the browser that sent them alone, and are removed after an hour."
        if kind == "docker"
        else "These recordings were analysed before; nothing is uploaded here."
    )
    front = yaml.safe_dump(FRONT | {"sdk": kind} | own, sort_keys=False, allow_unicode=True)
    (folder / "README.md").write_text(f"---\n{front}---\n{ABOUT.format(kept=kept)}", encoding="utf-8")
    if kind == "docker":
        template = (resources.files("affekt_studio") / "space_files" / "Dockerfile").read_text(encoding="utf-8")
        lines = [f"--extra-index-url {TORCH_INDEX}", *pins(INSTALLED)]
        if examples:
            template = template.replace('"--no-browser"]', '"--no-browser", "--examples", "examples"]')
        if wheels is not None:
            lines.insert(1, "--find-links wheels")
            template = template.replace(COPIED, f"{COPIED}COPY --chown=1000 wheels wheels\n")
            _copy_wheels(wheels, folder / "wheels", lines)
        (folder / "Dockerfile").write_text(template, encoding="utf-8")
        (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if examples:
        _write_examples(folder, examples, pipeline, kind)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copy_wheels(wheels: Path, target: Path, pinned: Sequence[str]) -> None:
    target.mkdir()
    for path in sorted(wheels.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(path.name)
        if any(re.fullmatch(rf"{re.escape(name)}(\[.*\])?=={re.escape(str(version))}", line) for line in pinned):
            shutil.copyfile(path, target / path.name)
    if not any(target.iterdir()):
        raise DataError(f'"{wheels}" holds no wheel that the Space installs', hint="uv build --wheel FOLDER -o DIR")


def pins(names: Sequence[str]) -> list[str]:
    """`name==version` of distributions and everything they need on Linux, as installed here."""
    pinned: dict[str, str] = {}
    waiting = [Requirement(name) for name in names]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        required = waiting.pop()
        name = canonicalize_name(required.name)
        if (name, frozenset(required.extras)) in done:
            continue
        done.add((name, frozenset(required.extras)))
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            raise DataError(f"{name} is not installed: its version is not known", hint=f"pip install {name}") from error
        extras = f"[{','.join(sorted(required.extras))}]" if required.extras else ""
        # A CPU build calls itself 2.13.0+cpu, which only its own index knows.
        pinned[f"{name}{extras}"] = re.sub(r"\+.*", "", distribution.version)
        waiting += _needs(distribution, required.extras)
    return [f"{name}=={version}" for name, version in sorted(pinned.items())]


def _needs(distribution: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    linux = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
    for line in distribution.requires or ():
        required = Requirement(line)
        wanted = [{**linux, "extra": extra} for extra in (*extras, "")]
        if required.marker is None or any(required.marker.evaluate(environment) for environment in wanted):
            yield required


def _write_examples(folder: Path, examples: Sequence[Path], pipeline: str, kind: Kind) -> None:
    """A report an example, and a page that lists them."""
    import affekt
    import affekt_report

    running, listed = affekt.load(pipeline, speaker=None), []
    target = folder if kind == "static" else folder / "examples"
    target.mkdir(exist_ok=True)
    for path in examples:
        felt = running.analyze(path)
        report = f"{path.stem}.html"
        affekt_report.write(felt, target / report)
        if kind == "docker":
            shutil.copyfile(path, target / path.name)
        listed.append((path.stem, report, felt.label if felt.prediction.abstained is None else "nothing claimed"))
    rows = [f'<li><a href="{escape(report)}">{escape(name)}</a>: {escape(felt)}</li>' for name, report, felt in listed]
    template = (resources.files("affekt_studio") / "space_files" / "index.html").read_text(encoding="utf-8")
    (target / "index.html").write_text(template.replace("<!-- examples -->", "\n".join(rows)), encoding="utf-8")
