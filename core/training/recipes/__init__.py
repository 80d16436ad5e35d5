"""One recipe per network: samples, loss, validation; the module has the network's name and a function `recipe`."""

from __future__ import annotations

import importlib

from ....models.registry import NETWORKS
from ..recipe import Recipe


def recipe_for(name: str) -> Recipe:
    """The recipe of a network; ValueError for names that do not exist."""
    if name not in NETWORKS:
        msg = f"there is no network {name!r}; there are: {', '.join(sorted(NETWORKS))}"
        raise ValueError(msg)
    made: Recipe = importlib.import_module(f"{__name__}.{name}").recipe()
    return made
