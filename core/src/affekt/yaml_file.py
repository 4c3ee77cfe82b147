"""Pipeline files: YAML as data only, with duplicate keys reported instead of lost, and components written briefly."""

from typing import Any

import yaml

from affekt.roles import SECTIONS


class _Loader(yaml.SafeLoader):
    problems: list[str]


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    lines: dict[Any, int] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            loader.problems.append(f"line {line}: the key {key!r} should be a word")
        elif key in lines:
            loader.problems.append(f'line {line}: the key "{key}" stands already in line {lines[key]}')
        lines.setdefault(str(key), line)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse(text: str) -> tuple[Any, list[str]]:
    """The document and its problems (duplicate keys, keys that are not words, syntax)."""
    loader = _Loader(text)
    loader.problems = []
    try:
        return loader.get_single_data(), loader.problems
    except (yaml.YAMLError, RecursionError) as error:
        return None, [*loader.problems, f"not YAML: {error}"]
    finally:
        loader.dispose()


def dump(data: dict[str, Any]) -> str:
    """A pipeline's data, as JSON has it, as a file: a component without options is its name."""
    for section in (data, *(data.get(name, {}) for name in SECTIONS)):
        for slot, use in section.items():
            if isinstance(use, dict) and set(use) == {"use"}:
                section[slot] = use["use"]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
