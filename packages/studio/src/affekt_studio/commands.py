"""`affekt studio`: a page and an API on this machine."""

import logging
import re
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from affekt_studio.config import SpaceKind

app = typer.Typer(help="Serve a page and an API: upload or record, see what is felt and why, answer aloud.")
Redis = Annotated[
    str,
    typer.Option(
        envvar="AFFEKT_STUDIO_REDIS",
        metavar="redis://HOST",
        show_default="a table in the folder",
        help="Keeps the queue, for several machines with one --folder.",
    ),
]
Pipelines = Annotated[
    list[str] | None,
    typer.Option(
        "--pipeline", "-p", metavar="NAME=FILE", help="A pipeline to offer. Repeatable.", show_default="default"
    ),
]
Batch = Annotated[
    int, typer.Option(min=1, help="Short recordings that go through a pipeline together where so many wait.")
]
Lease = Annotated[float, typer.Option(min=0.5, help="Seconds until a silent worker has lost its job.")]


@app.callback(invoke_without_command=True)
def studio(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 7860,
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for other machines.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A host name that the page is reached by; * for any. Repeatable.")
    ] = None,
    framed_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="https://HOST",
            help="A site whose pages may show the studio in a frame, such as https://huggingface.co. Repeatable.",
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option(envvar="AFFEKT_STUDIO_TOKEN", show_default="a fresh one", help="Opens the studio.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="No token: everybody who reaches the port may use it.")
    ] = False,
    pipeline: Pipelines = None,
    folder: Annotated[
        Path | None, typer.Option(help="Of the queue, uploads and results.", show_default="in the user's cache")
    ] = None,
    redis: Redis = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes that analyse; 0 leaves all to other machines.")] = 1,
    keep: Annotated[float, typer.Option(min=1, help="Seconds that recordings and results are kept.")] = 3600.0,
    max_megabytes: Annotated[int, typer.Option(min=1, help="Of one upload.")] = 512,
    max_seconds: Annotated[float, typer.Option(min=1, help="Of one recording.")] = 1800.0,
    rate: Annotated[int, typer.Option(min=1, help="New jobs a minute of one session.")] = 120,
    lease: Lease = 10.0,
    allow_path: Annotated[
        list[Path] | None, typer.Option(help="A folder whose files may be named by path. Repeatable.")
    ] = None,
    review: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of `affekt annotate -o` whose review page is shown. Repeatable.", exists=True),
    ] = None,
    examples: Annotated[
        Path | None, typer.Option(help="A folder of reports to show, as `affekt studio space` writes it.", exists=True)
    ] = None,
    batch: Batch = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
    log_requests: Annotated[bool, typer.Option("--log", help="A line a request, without its content.")] = False,
) -> None:
    """Serve a page and an API: upload or record, see what is felt and why, answer aloud."""
    if context.invoked_subcommand is not None:
        return
    from affekt_studio.app import serve
    from affekt_studio.config import Limits, StudioConfig

    if log_requests:
        logging.basicConfig(format="%(asctime)s %(message)s")
        logging.getLogger("affekt_studio").setLevel(logging.INFO)
    if public and review:
        raise typer.BadParameter("annotations show people, so a public studio has no review: leave out one of the two")
    for origin in framed_by or ():
        if not re.fullmatch(r"https?://[\w.*-]+(:\d+)?", origin):
            raise typer.BadParameter(f'--framed-by names a site as https://HOST; found "{origin}"')
    if not workers and not redis:
        raise typer.BadParameter("without workers nothing is analysed here; --redis lets other machines do it")
    config = StudioConfig(
        folder=(folder or Path.home() / ".cache" / "affekt" / "studio").absolute(),
        redis=redis,
        pipelines=_offered(pipeline),
        workers=workers,
        lease_seconds=lease,
        batch=batch,
        examples=examples,
        reviews={path.absolute().name: path.absolute() for path in review or ()},
        readable=tuple(path.absolute() for path in allow_path or ()),
        limits=Limits(
            upload_bytes=max_megabytes << 20, media_seconds=max_seconds, kept_seconds=keep, requests_a_minute=rate
        ),
    )

    def on_ready(address: str) -> None:
        typer.echo(f"The studio is at {address}")
        typer.echo("People whose recordings are analysed must be told. Ctrl-C ends it.")
        if not no_browser:
            webbrowser.open(address)

    serve(
        config,
        host=host,
        port=port,
        token="" if public else token,
        hosts=tuple(name or ()),
        framed_by=tuple(framed_by or ()),
        on_ready=on_ready,
    )


def _offered(pipelines: list[str] | None) -> dict[str, str]:
    offered = {}
    for pipeline in pipelines or ["default"]:
        name, is_named, source = pipeline.partition("=")
        offered[name if is_named else Path(pipeline).stem] = source if is_named else pipeline
    return offered


@app.command()
def worker(
    folder: Annotated[Path, typer.Option(help="Of uploads and results, the same for every machine.")],
    redis: Redis,
    pipeline: Pipelines = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that analyse.")] = 1,
    lease: Lease = 10.0,
    batch: Batch = 1,
) -> None:
    """Do the jobs of studios on other machines, which keep their queue in Redis; serve nothing."""
    from affekt_studio.config import StudioConfig
    from affekt_studio.pool import work

    config = StudioConfig(
        folder=folder.absolute(), redis=redis, pipelines=_offered(pipeline), workers=workers, lease_seconds=lease,
        batch=batch,
    )  # fmt: skip
    work(config, on_ready=lambda: typer.echo(f"{workers} workers wait for jobs. Ctrl-C ends them."))


@app.command()
def mcp(
    address: Annotated[str, typer.Option(help="Of a studio that runs.")] = "http://127.0.0.1:7860",
    token: Annotated[str, typer.Option(envvar="AFFEKT_STUDIO_TOKEN", help="Of that studio.")] = "",
) -> None:
    """Serve the Model Context Protocol on standard input and output, for assistants; a studio does the work."""
    try:
        from affekt_studio.mcp_server import make_server
    except ImportError as error:
        typer.echo(
            f"The Model Context Protocol needs a package: {error}\nTry: pip install 'affekt-studio[mcp]'", err=True
        )
        raise typer.Exit(3) from error
    from affekt_studio.client import Client

    with Client(address, token) as client:
        make_server(client).run("stdio")


@app.command()
def space(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    kind: Annotated[
        SpaceKind,
        typer.Option(
            help="docker serves the studio, gradio a smaller page on a GPU of ZeroGPU, static only the examples."
        ),
    ] = SpaceKind.docker,
    example: Annotated[
        list[Path] | None, typer.Option(help="A recording whose result is shipped. Repeatable.", exists=True)
    ] = None,
    pipeline: Annotated[
        str, typer.Option("--pipeline", "-p", help="Analyses the examples; of a Gradio Space it is the one that runs.")
    ] = "default",
    wheels: Annotated[
        Path | None, typer.Option(help="Wheels that a Docker Space ships: versions that no index has.", exists=True)
    ] = None,
) -> None:
    """Write a folder that can be pushed to Hugging Face Spaces."""
    from affekt_studio.space import write_space

    for path in write_space(folder, kind, example or (), pipeline, wheels):
        typer.echo(path)


@app.command()
def load(
    clip: Annotated[Path, typer.Argument(help="A short recording.", exists=True)],
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="A pipeline by name, or a YAML file.")] = "default",
    requests: Annotated[int, typer.Option("--requests", "-n", min=1, help="Of each kind.")] = 20,
    at_once: Annotated[int, typer.Option(min=2, help="Clients at the same time.")] = 4,
    more: Annotated[int, typer.Option(min=0, help="Requests after those, to see whether memory grows.")] = 0,
) -> None:
    """Measure requests a second, p95 and memory against the same work without a server."""
    import json

    from affekt_studio.load import measure

    typer.echo(json.dumps(measure(clip, pipeline, requests, at_once, more), indent=2))


live_app = typer.Typer(help="Judge a live stream every second: a recording played in real time, or sound from a pipe.")


@live_app.command()
def live(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="Played in real time; - reads 16 kHz mono PCM from a pipe."),
    ],
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="A pipeline by name, or a YAML file.")] = "default",
    with_words: Annotated[bool, typer.Option("--words", help="Also write down what is said; slower.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line an answer.")] = False,
) -> None:
    """Judge a live stream every second: a recording played in real time, or sound from a pipe.

    For a microphone: arecord -q -f S16_LE -r 16000 -t raw | affekt live -
    """
    from affekt_studio.live_command import run

    run(source, pipeline, with_words=with_words, as_json=as_json)
