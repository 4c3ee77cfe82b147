"""One page a distribution: its README, with what its `pyproject.toml` says under the title."""

from pages_from_code import links, reference
from pages_from_code.workspace import Distribution, Workspace


def pages(workspace: Workspace) -> dict[str, str]:
    """Name and text of every page."""
    return {f"distributions/{member.name}.md": _page(workspace, member) for member in workspace.members}


def _page(workspace: Workspace, member: Distribution) -> str:
    page = f"distributions/{member.name}.md"
    title, _, text = member.readme.read_text(encoding="utf-8").partition("\n")
    facts = [
        f"Version {member.version}",
        str(member.project["license"]),
        f"Python {member.project['requires-python'].replace('>=', '≥ ')}",
        f"[Changelog](../changelog.md#{member.name})",
        f"[Source]({links.REPOSITORY}/tree/main/{member.path})",
    ]
    if reference.has_page(workspace, member):
        facts.insert(3, f"[Reference](../reference/{member.name}.md)")
    body = links.without_comments(links.on_the_site(text, page))
    return f"{title}\n\n{' · '.join(facts)}\n{{ .facts }}\n{body}"
