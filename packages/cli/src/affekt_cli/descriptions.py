"""Components, pipelines and failures as plain data: what lists show and `--json` prints."""

from typing import TYPE_CHECKING, Any

from affekt_cli.needs import megabytes

if TYPE_CHECKING:
    from affekt.registry import Registry
    from affekt.targets import Announced


def describe_all(registry: "Registry") -> dict[str, Any]:
    """Plain data for JSON."""
    return {
        "components": [describe(announced, registry) for announced in _sorted(registry)],
        "pipelines": [
            {
                "name": name,
                "summary": announced.info.summary,
                "distribution": announced.distribution,
                "version": announced.version,
            }
            for name, announced in sorted(registry.pipelines.items())
        ],
        "failures": [
            {"plugin": f.plugin, "distribution": f.distribution, "reason": f.error.message, "try": f.error.hint}
            for f in registry.failures
        ],
    }


def _sorted(registry: "Registry") -> "list[Announced]":
    from affekt import ROLES

    order: list[str] = list(ROLES)
    return [registry.components[key] for key in sorted(registry.components, key=lambda k: (order.index(k[0]), k[1]))]


def describe(announced: "Announced", registry: "Registry") -> dict[str, Any]:
    """What a reader of a list wants to know of a component, as plain data."""
    info = announced.info
    return {
        "role": info.role,
        "name": info.name,
        "summary": info.summary,
        "distribution": announced.distribution,
        "version": announced.version,
        "target": info.target,
        "weights": [_weights_of(name, registry) for name in info.weights] + _of_a_hub(info),
        "sample_rate": info.sample_rate,
        "languages": list(info.languages),
    }


def _weights_of(name: str, registry: "Registry") -> dict[str, Any]:
    announced = registry.weights.get(name)
    fields = {
        field: getattr(announced.info, field, None) if announced else None
        for field in ("licence", "restrictions", "size")
    }
    return {"name": name, **fields}


def _of_a_hub(info: Any) -> list[dict[str, Any]]:
    """What a component's defaults download by themselves, where it says so."""
    stated = {"licence": info.licence, "restrictions": None, "size": info.size}
    return [{"name": "from a hub", **stated}] if info.licence else []


def terms(weights: dict[str, Any]) -> str:
    """The name, size and licence of weights in a few words."""
    size = f"{megabytes(weights['size'])}, " if weights["size"] else ""
    restricted = ", restricted" if weights["restrictions"] else ""
    return f"{weights['name']} ({size}{weights['licence'] or 'licence not stated'}{restricted})"
