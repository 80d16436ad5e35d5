"""What an output says about its own making."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ... import __version__


def provenance(tool_id: str, parameters: Mapping[str, Any], weights_sha256: str | None = None) -> dict[str, str]:
    """Tags for a raster: tool, version, options and weights; no time, so that the same job gives the same bytes.

    Of paths only the file names are kept: folders tell about people.
    """
    tags = {
        "FRINGELENS_TOOL": tool_id,
        "FRINGELENS_VERSION": __version__,
        "FRINGELENS_PARAMETERS": json.dumps({k: _plain(v) for k, v in parameters.items() if v is not None}),
        "TIFFTAG_SOFTWARE": f"FringeLens {__version__}",
    }
    if weights_sha256:
        tags["FRINGELENS_WEIGHTS_SHA256"] = weights_sha256
    return tags


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    text = str(value)
    return PurePath(text.replace("\\", "/")).name if "/" in text or "\\" in text else text
