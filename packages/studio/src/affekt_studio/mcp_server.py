"""A Model Context Protocol server over standard input and output: the studio's verbs as tools, through its API."""

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.utilities.types import Audio

from affekt_studio.client import Client

INSTRUCTIONS = """Tells what is felt in recordings and why. Emotions are inferred by a machine and may be wrong; people
who are seen or heard in a recording must know that it is analysed."""

KEPT = ("source", "duration", "label", "abstained", "scores", "rationale", "clues", "text", "missing", "disclaimer")
"""The fields of a result that fit into a conversation."""


def make_server(client: Client) -> MCPServer:
    """The server for one session of a studio."""
    server = MCPServer("affekt", instructions=INSTRUCTIONS)

    @server.tool()
    def analyze(path: str, pipeline: str | None = None) -> dict[str, Any]:
        """Say what is felt in a recording of this machine, and why: label, scores, rationale, clues with times."""
        job = client.submit(path, pipeline)
        result = client.result(job["id"])
        return {"id": job["id"]} | {name: result[name] for name in KEPT}

    @server.tool()
    def list_analyses() -> list[dict[str, Any]]:
        """List the analyses of this session."""
        return client.analyses()

    @server.tool()
    def export(id: str, format: str) -> str:
        """Give an analysis in a format of text, such as csv, srt, vtt, elan or textgrid."""
        return client.export(id, format).decode("utf-8", errors="replace")

    @server.tool()
    def respond(id: str, text: str, emotion: str | None = None, intensity: float = 0.6) -> Audio:
        """Answer a recording aloud; the speech is watermarked as synthetic."""
        return Audio(data=client.respond(id, text, emotion=emotion, intensity=intensity), format="wav")

    @server.tool()
    def list_pipelines() -> list[dict[str, Any]]:
        """List the pipelines with their components."""
        return client.pipelines()

    @server.tool()
    def remove(id: str) -> str:
        """Remove an analysis with its recording and results."""
        client.remove(id)
        return "removed"

    return server
