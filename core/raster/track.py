"""Whether two images were taken along one track, as far as the times in their names tell."""

from __future__ import annotations

import re
from pathlib import PurePath

# A name with the time is that of the file or of one of so many folders above it (….SAFE/measurement/….tiff).
_FOLDERS = 3

_TIME = re.compile(r"(?<!\d)(?:19|20)\d{6}T(\d\d)(\d\d)(\d\d)(?!\d)")
_DAY = 86_400

# A satellite that repeats its track is there at the same time of day to a few seconds; frames of one track that were
# cut elsewhere start up to half a minute apart. The other tracks of a place are half an hour away, or half a day.
_SAME_TRACK_SECONDS = 90


def seconds_apart(first: str, second: str) -> int | None:
    """How far the times of day in the names of two files are apart (0 to 43200); None where a name has none."""
    times = [_time_of_day(path) for path in (first, second)]
    if times[0] is None or times[1] is None:
        return None
    apart = abs(times[0] - times[1])
    return min(apart, _DAY - apart)


def of_two_tracks(first: str, second: str) -> bool:
    """Whether the names say that the images are of different tracks; unknown is no."""
    apart = seconds_apart(first, second)
    return apart is not None and apart > _SAME_TRACK_SECONDS


def _time_of_day(path: str) -> int | None:
    """Seconds since midnight of the first time that a name tells."""
    parts = PurePath(path).parts[::-1]
    for name in parts[: _FOLDERS + 1]:
        found = _TIME.search(name)
        if found:
            hour, minute, second = map(int, found.groups())
            return hour * 3600 + minute * 60 + second
    return None
