"""Working time of neighbouring dates in one piece."""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

_NONE = timedelta(0)


class Block(NamedTuple):
    """Working time of neighbouring dates, added up once, so that counting jumps over them."""

    dates: dict[int, list[tuple[datetime, datetime]]]  # those with working time, by ordinal
    openings: list[datetime]
    closings: list[datetime]
    until: list[timedelta]  # working time of the block up to each closing

    @classmethod
    def of(cls, dates: dict[int, list[tuple[datetime, datetime]]]) -> "Block":
        windows = [window for day in dates.values() for window in day]
        until = list(accumulate(closing - opening for opening, closing in windows))
        return cls(dates, [window[0] for window in windows], [window[1] for window in windows], until)

    @property
    def days(self) -> list[int]:
        return list(self.dates)

    @property
    def whole(self) -> timedelta:
        return self.until[-1] if self.until else _NONE

    def worked(self, moment: datetime) -> timedelta:
        """Working time of the block before the moment."""
        begun = bisect_right(self.openings, moment)
        if not begun:
            return _NONE
        rest = self.closings[begun - 1] - moment
        return self.until[begun - 1] - rest if rest > _NONE else self.until[begun - 1]

    def at(self, window: int, worked: timedelta) -> datetime:
        """The moment in a window by which so much has been worked."""
        return self.closings[window] - (self.until[window] - worked)
