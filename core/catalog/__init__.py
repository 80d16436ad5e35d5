"""Every tool there is, described once."""

from __future__ import annotations

from typing import Dict, Tuple

from . import (
    coherencefromgrd,
    comparerasters,
    decorrelationmask,
    denoiseatmosphere,
    detectlandslides,
    detectsubsidence,
    displacementseries,
    phasetodisplacement,
    reconstructphase,
    simulateinterferogram,
    stackphasegradients,
    unwrapphase,
)
from .types import Output, Parameter, Tool

TOOLS: Tuple[Tool, ...] = (
    decorrelationmask.TOOL,
    reconstructphase.TOOL,
    unwrapphase.TOOL,
    phasetodisplacement.TOOL,
    denoiseatmosphere.TOOL,
    coherencefromgrd.TOOL,
    stackphasegradients.TOOL,
    detectlandslides.TOOL,
    detectsubsidence.TOOL,
    displacementseries.TOOL,
    simulateinterferogram.TOOL,
    comparerasters.TOOL,
)

_BY_ID: Dict[str, Tool] = {tool.id: tool for tool in TOOLS}


def find(tool_id: str) -> Tool:
    """The tool of this id; raises KeyError that names those there are."""
    if tool_id not in _BY_ID:
        message = f"there is no tool {tool_id!r}; the tools are: {', '.join(sorted(_BY_ID))}"
        raise KeyError(message)
    return _BY_ID[tool_id]


__all__ = ["TOOLS", "Output", "Parameter", "Tool", "find"]
