"""Annotated types of options that mean the same in every encoder: `layer: Layer = -1`. Imports no framework."""

from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import Field

Layer = Annotated[
    int | Annotated[tuple[int, ...], MinLen(1)],
    Field(
        description="0 is what enters the first block, 1 the first block's output, -1 the last layer; "
        "several stand side by side in the columns"
    ),
]
Pool = Annotated[
    Literal["none", "mean", "mean+std", "segments"],
    Field(description="Rows kept over time: all, their mean, mean and standard deviation, or the means of segments"),
]
Segments = Annotated[int, Field(ge=1, description="How many equal stretches `pool: segments` takes the means of")]
Revision = Annotated[
    str | None, Field(description="A commit of the hub repository, for reproducible runs; a local folder needs none")
]
Device = Annotated[str, Field(description='Anything torch.device takes, such as "cpu" or "cuda:0"')]
Precision = Annotated[
    Literal["float32", "float16", "bfloat16"],
    Field(description="Arithmetic of the network; features come out as float32"),
]
BatchSize = Annotated[int, Field(ge=1, description="Most clips heard at once; halved by itself when memory runs out")]
