"""A tag names one distribution and its version: `affekt-hubert-v0.1.0`. Says which, or why it cannot be released.

    hatch run release:tag affekt-hubert-v0.1.0

prints `name=…`, `version=…` and `folder=…`, one a line, as a workflow passes them on to its next steps.
"""

import re
import sys
from pathlib import Path

from release.workspace import ROOT, Distribution, distributions


def release_of(tag: str, root: Path = ROOT) -> Distribution:
    """The distribution that a tag releases.

    Raises:
        ValueError: the tag names no distribution or another version than the tree holds, or the changelog is silent.
    """
    match = re.fullmatch(r"(?P<name>[a-z0-9-]+)-v(?P<version>[0-9][0-9a-z.]*)", tag)
    workspace = {distribution.name: distribution for distribution in distributions(root)}
    if match is None or match["name"] not in workspace:
        raise ValueError(
            f'the tag "{tag}" names no distribution\nTry: NAME-vX.Y.Z; NAME is one of {", ".join(workspace)}'
        )
    distribution = workspace[match["name"]]
    where = distribution.folder.relative_to(root).as_posix()
    if match["version"] != distribution.version:
        raise ValueError(
            f'the tag "{tag}" releases version {match["version"]}, {where}/pyproject.toml says {distribution.version}\n'
            "Try: the version in the pyproject.toml first, then the tag on that commit"
        )
    if not changes(distribution.folder / "CHANGELOG.md", distribution.version):
        raise ValueError(
            f"{where}/CHANGELOG.md says nothing about {distribution.version}\n"
            f'Try: a heading "## {distribution.version}", and below it what changes for users'
        )
    return distribution


def changes(changelog: Path, version: str) -> str:
    """What a changelog says under the heading of a version; empty where it says nothing."""
    text = changelog.read_text(encoding="utf-8") if changelog.is_file() else ""
    match = re.search(rf"^## {re.escape(version)}(?: [^\n]*)?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def main(arguments: list[str]) -> int:
    """0 when the tag can be released, 1 when it cannot, 2 when there is no tag."""
    if len(arguments) != 1:
        print("Error: one tag is needed\nTry: hatch run release:tag affekt-hubert-v0.1.0", file=sys.stderr)
        return 2
    try:
        distribution = release_of(arguments[0])
    except ValueError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    folder = distribution.folder.relative_to(ROOT).as_posix()
    print(f"name={distribution.name}\nversion={distribution.version}\nfolder={folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
