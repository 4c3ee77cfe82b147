"""`affekt bench extraction`: both measurements of `extraction` side by side in one run."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from affekt_benchmark.costs import extraction
from affekt_benchmark.costs.extraction import Bucketed, SharedDecode
from affekt_benchmark.costs.random_speech import SIZES, four_encoders, write_clips, write_hubert


def extraction_command(
    clips: Annotated[int, typer.Option(min=2, help="How many clips")] = 100,
    shortest: Annotated[float, typer.Option(min=0.1, help="Seconds")] = 0.5,
    longest: Annotated[float, typer.Option(min=0.2, help="Seconds")] = 4.0,
    size: Annotated[str, typer.Option(help=f"Of the HuBERT whose buckets are measured: {', '.join(SIZES)}")] = "tiny",
    batch_size: Annotated[int, typer.Option(min=1, help="Clips in a bucket's batch, at most")] = 16,
    device: Annotated[str, typer.Option(help="Where that HuBERT runs")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of the clips' lengths")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """What one decode for four encoders and batches by length save, with equal values. Exit code 1: not enough."""
    if size not in SIZES:
        raise typer.BadParameter(f'"{size}"; one of {", ".join(SIZES)}', param_hint="--size")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_clips(folder, clips, (shortest, max(shortest, longest)), seed)
        shared, decoded = extraction.of_shared_decode(files, four_encoders(folder))
        model = write_hubert(folder / "measured", size)
        depth = int(json.loads((model / "config.json").read_text())["num_hidden_layers"])
        buckets = [
            extraction.of_buckets(decoded, model, layer, batch_size=batch_size, device=device)
            for layer in (depth // 2, depth)
        ]
    if as_json:
        typer.echo(json.dumps(plain(shared, buckets)))
    else:
        Console().print(table(shared, buckets))
    if not is_enough(shared, buckets):
        raise typer.Exit(1)


def is_enough(shared: SharedDecode, buckets: list[Bucketed]) -> bool:
    """What the project promises of extraction."""
    close = all(bucket.difference <= extraction.CLOSE for bucket in buckets)
    return shared.is_enough and close and buckets[0].gain >= extraction.ENOUGH_FASTER


def plain(shared: SharedDecode, buckets: list[Bucketed]) -> dict[str, Any]:
    """The figures as plain data for JSON."""
    return {
        "one_decode": {
            "decoding_seconds": round(shared.decoding, 3),
            "encoding_seconds": {name: round(seconds, 3) for name, seconds in shared.encoding.items()},
            "separate_seconds": round(shared.separate, 3),
            "shared_seconds": round(shared.shared, 3),
            "gain": round(shared.gain, 3),
            "limit": round(shared.limit, 3),
            "share_of_limit": round(shared.gain / shared.limit, 3),
            "largest_difference": shared.difference,
        },
        "bucketed": [
            {
                "layer": bucket.layer,
                "layers": bucket.layers,
                "loop_seconds": round(bucket.loop, 3),
                "bucketed_seconds": round(bucket.bucketed, 3),
                "gain": round(bucket.gain, 3),
                "largest_difference": bucket.difference,
            }
            for bucket in buckets
        ],
        "enough": is_enough(shared, buckets),
    }


def table(shared: SharedDecode, buckets: list[Bucketed]) -> Table:
    """The figures as a table for people."""
    shown = Table("measure", "apart", "together", "gain", "largest difference", title="What extraction saves")
    share = f"{shared.gain:.2f}, {shared.gain / shared.limit:.0%} of the limit {shared.limit:.2f}"
    shown.add_row(
        f"{len(shared.encoding)} encoders, one decode",
        f"{shared.separate:.1f} s",
        f"{shared.shared:.1f} s",
        share,
        f"{shared.difference:.1e}",
    )
    for bucket in buckets:
        shown.add_row(
            f"buckets, layer {bucket.layer} of {bucket.layers}",
            f"{bucket.loop:.1f} s",
            f"{bucket.bucketed:.1f} s",
            f"{bucket.gain:.2f}",
            f"{bucket.difference:.1e}",
        )
    return shown
