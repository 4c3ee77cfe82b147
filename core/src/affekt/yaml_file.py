"""YAML as data only, with the keys' lines, and with duplicate keys reported instead of lost."""

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    problems: list[str]


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: dict[Any, int] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            loader.problems.append(f"line {line}: the key {key!r} should be a word")
        elif key in seen:
            loader.problems.append(f'line {line}: the key "{key}" stands already in line {seen[key]}')
        seen.setdefault(str(key), line)
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
