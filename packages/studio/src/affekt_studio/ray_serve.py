"""The studio behind Ray Serve: as many replicas as the deployment asks for, over one Redis and one folder.

    export RAY_USAGE_STATS_ENABLED=0
    serve run affekt_studio.ray_serve:app folder=/shared redis=redis://HOST token=SECRET name=studio.example.org

Each replica is a server with its own workers; jobs are anybody's, because they lie in Redis. How many replicas there
are, on which machines and with which GPUs, is Serve's own configuration of the deployment "studio".
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affekt import MissingDependency, OptionsError
from fastapi import FastAPI

from affekt_studio.app import make_app, make_studio
from affekt_studio.config import StudioConfig
from affekt_studio.security import Access

try:
    from ray import serve
except ImportError as error:
    raise MissingDependency(
        f"this deployment needs Ray Serve: {error}", hint="pip install 'affekt-studio[serve]'"
    ) from error

NEEDED = ("folder", "redis", "token", "name")
OPTIONAL = {"pipeline": "default", "workers": "1", "batch": "1", "port": "8000"}


def app(options: Mapping[str, str]) -> serve.Application:
    """The application that `serve run` and `serve deploy` start.

    Args:
        options: `folder` and `redis` that every machine reaches, the `token`, and the host `name` that browsers ask
            for; `pipeline`, `workers` a replica, `batch`, and the `port` of Serve's proxy.

    Raises:
        OptionsError: one is missing, there is no such option, or Ray would report usage to its makers.
    """
    if os.environ.get("RAY_USAGE_STATS_ENABLED") != "0":  # decision 0004
        raise OptionsError(
            "Ray reports usage to its makers unless it is told not to",
            hint="RAY_USAGE_STATS_ENABLED=0 for `ray start` and for `serve run`",
        )
    missing = [name for name in NEEDED if not options.get(name)]
    unknown = [name for name in options if name not in NEEDED and name not in OPTIONAL]
    if missing or unknown:
        raise OptionsError(
            f"the deployment lacks {missing} and does not know {unknown}",
            hint=" ".join(f"{name}=…" for name in (*NEEDED, *OPTIONAL)),
        )

    def build() -> FastAPI:  # Serve tells a builder from an application by its being a plain function
        return build_app(OPTIONAL | dict(options))

    deployment: Any = serve.deployment(serve.ingress(build)(), name="studio", max_ongoing_requests=200)
    application: serve.Application = deployment.bind()
    return application


def build_app(options: Mapping[str, str]) -> FastAPI:
    """The application of one replica, made where it runs."""
    config = StudioConfig(
        folder=Path(options["folder"]),
        redis=options["redis"],
        pipelines={Path(options["pipeline"]).stem: options["pipeline"]},
        workers=int(options["workers"]),
        batch=int(options["batch"]),
    )
    access = Access(token=options["token"], port=int(options["port"]), hosts=(options["name"],))
    return make_app(make_studio(config, access))
