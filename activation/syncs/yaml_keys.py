"""Keys that stand twice in a YAML file: readers keep the last and say nothing."""

from collections.abc import Iterator

import yaml


def twice(text: str) -> list[tuple[int, str]]:
    """Line (from 1) and key of each repetition; none for what cannot be read at all."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return []
    return sorted(_in(root)) if root is not None else []


def _in(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _in(one)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen and key.value != "<<":
                yield key.start_mark.line + 1, key.value
            seen.add(str(key.value))
            yield from _in(value)
