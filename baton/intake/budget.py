"""How many records a window may still read."""


class Budget:
    """Counts `left` down from `limit`, None being no limit.

    Once something is left out, all that comes later is left out as well.
    """

    def __init__(self, limit: int | None) -> None:
        self.left = limit
        self._is_untouched = True

    @property
    def is_spent(self) -> bool:
        """Nothing more may be read."""
        return self.left == 0

    def allow(self, rows: int, *, is_divisible: bool) -> int | None:
        """Return how many of `rows` may be read: None for all, 0 for none.

        What cannot be divided is allowed whole or not at all; the first is always allowed.
        """
        if self.left is None:
            return None
        left, is_first = self.left, self._is_untouched
        self.left = max(left - rows, 0)
        self._is_untouched = is_first and rows == 0
        if rows <= left or (is_first and not is_divisible):
            return None
        if is_divisible:
            return left
        self.left = 0
        return 0
