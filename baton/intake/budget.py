"""How many records a window may still read."""


class Budget:
    """Counts down from `limit`; None is no limit. Once something is left out, all later is."""

    def __init__(self, limit: int | None) -> None:
        self._left = limit
        self._is_untouched = True

    def allow(self, rows: int, *, is_divisible: bool) -> int | None:
        """Return how many of `rows` may be read: None for all, 0 for none.

        What cannot be divided is allowed whole or not at all; the first is always allowed.
        """
        if self._left is None:
            return None
        left, is_first = self._left, self._is_untouched
        self._left = max(left - rows, 0)
        self._is_untouched = is_first and rows == 0
        if rows <= left or (is_first and not is_divisible):
            return None
        if is_divisible:
            return left
        self._left = 0
        return 0
