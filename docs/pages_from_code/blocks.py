"""The blocks that pages ask for with `<!-- generated: NAME -->`: lists, and sections of files that stand elsewhere."""

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path

from packaging.requirements import Requirement

from pages_from_code import links, matrix
from pages_from_code.reference import has_page
from pages_from_code.workspace import Distribution, Workspace

HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)


def extras(workspace: Workspace) -> str:
    """The table of extras in the README of `affekt`, with links to the distributions."""
    lines = workspace.named("affekt").readme.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| Extra |"))
    table = [*takewhile(lambda line: line.startswith("|"), lines[start:])]
    return re.sub(r"`(affekt-[\w-]+)([^`]*)`", r"[`\1\2`](distributions/\1.md)", "\n".join(table))


def default_install(workspace: Workspace) -> str:
    """What a plain `pip install affekt` brings, each with its description."""
    names = [Requirement(line).name for line in workspace.named("affekt").requires]
    return "\n".join(
        f"* [{name}](distributions/{name}.md): {workspace.named(name).project['description']}" for name in names
    )


def distributions(workspace: Workspace) -> str:
    """Every distribution with its description."""
    groups = {
        "To install and to build on": [workspace.members[0], *workspace.group("packages")],
        "Plugins": workspace.group("plugins"),
    }
    return "\n\n".join(
        f"## {title}\n\n| Distribution | What it holds |\n|---|---|\n"
        + "\n".join(f"| [{member.name}]({member.name}.md) | {member.project['description']} |" for member in members)
        for title, members in groups.items()
    )


def references(workspace: Workspace) -> str:
    """Every distribution that has a reference."""
    members = [member for member in workspace.members if has_page(workspace, member)]
    rows = [f"| [{member.name}]({member.name}.md) | `{member.package}` |" for member in members]
    return "\n".join(["| Distribution | Imports as |", "|---|---|", *rows])


def decisions(workspace: Workspace) -> str:
    """Every decision record by its title."""
    return "\n".join(f"* [{decision_title(path)}]({path.name})" for path in decision_records(workspace))


def decision_records(workspace: Workspace) -> list[Path]:
    """The files of the decisions, in order."""
    return sorted((workspace.root / "docs/decisions").glob("[0-9]*.md"))


def decision_title(path: Path) -> str:
    """ "0041 The peak frame asks another encoder": the number of the file and the title of the page."""
    title = path.read_text(encoding="utf-8").splitlines()[0]
    return f"{path.name[:4]} " + re.sub(r"^#\s*\d+[.:]?\s*", "", title)


def changelog(workspace: Workspace) -> str:
    """The changelogs of all distributions, one section each."""
    return "\n\n".join(_section_of_changelog(member) for member in workspace.members)


def _section_of_changelog(member: Distribution) -> str:
    text = member.changelog.read_text(encoding="utf-8").partition("\n")[2].strip()
    deeper = HEADING.sub(lambda heading: f"#{heading[1]} {member.name} {heading[2]}", text)
    return f"## {member.name}\n\n{links.on_the_site(deeper, 'changelog.md')}"


def section_of_readme(title: str) -> Callable[[Workspace], str]:
    """A section of the README of the repository, without its heading."""

    def section(workspace: Workspace) -> str:
        text = (workspace.root / "README.md").read_text(encoding="utf-8")
        parts = re.split(r"^## (.*)$\n", text, flags=re.MULTILINE)
        sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        if title not in sections:
            raise ValueError(f'README.md has no section "{title}"\nTry: one of {", ".join(sections)}')
        return links.absolute(sections[title]).strip()

    return section


BLOCKS: Mapping[str, Callable[[Workspace], str]] = {
    "changelog": changelog,
    "components": matrix.components,
    "decisions": decisions,
    "default-install": default_install,
    "default-pipeline": section_of_readme("What the default pipeline does"),
    "distributions": distributions,
    "extras": extras,
    "limits": section_of_readme("What it cannot do"),
    "measurements": section_of_readme("What was measured"),
    "references": references,
    "weights": matrix.weights,
}
