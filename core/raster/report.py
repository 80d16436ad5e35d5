"""Writing a page beside the rasters: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from ..errors import OutputError
from ..progress import Progress
from .folder import part_path


def write_report(path: Path, text: str, progress: Progress) -> str:
    """Write a text file and return its path; raises `OutputError` where the folder refuses it."""
    part = part_path(path.absolute())
    progress.partial(str(part))
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"the report {path} cannot be written ({error.strerror}). Choose another name or folder."
        raise OutputError(message) from error
    return str(path.absolute())
