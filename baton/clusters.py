"""Sets of ids that are joined pair by pair. Pure."""


class Clusters:
    """Ids joined so far (union by size)."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}

    def of(self, node_id: str) -> str:
        """The name of a cluster."""
        while (parent := self._parents.get(node_id, node_id)) != node_id:
            self._parents[node_id] = self._parents.get(parent, parent)
            node_id = parent
        return node_id

    def members(self, node_id: str) -> set[str]:
        """All that are in the cluster of a node."""
        return self._members.get(self.of(node_id), {node_id})

    def join(self, one: str, other: str) -> None:
        """Make one cluster of two."""
        low, high = sorted((self.of(one), self.of(other)), key=lambda n: len(self.members(n)))
        if low != high:
            self._members[high] = self.members(high) | self.members(low)
            self._members.pop(low, None)
            self._parents[low] = high
