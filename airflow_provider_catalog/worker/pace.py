"""How many datasets to tell a target of at once: fewer while the one is looked for that it stumbles over."""

from __future__ import annotations


class Pace:
    """Halves what holds the one to blame until that is alone; then goes faster with each page that went well."""

    def __init__(self, most: int) -> None:
        self.size = most
        self.in_a_row = 0
        self._most = most
        self._suspects = 0

    def went_well(self, count: int) -> None:
        self.in_a_row = 0
        self._suspects = max(0, self._suspects - count)
        self.size = _half(self._suspects) if self._suspects else min(self._most, self.size * 2)

    def stumbled(self, count: int) -> bool:
        """Whether the one to blame was alone. Of those `in_a_row` none went well between."""
        self._suspects, self.size = count, _half(count)
        if count > 1:
            return False
        self._suspects = 0
        self.in_a_row += 1
        return True


def _half(count: int) -> int:
    return max(1, count // 2)
