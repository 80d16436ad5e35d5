"""A network of the registry with its weights, ready to predict."""

from __future__ import annotations

from typing import cast

from ..models import registry
from ..models.registry import Card
from ..models.weights import BadWeights
from .errors import WeightsError
from .inference.predict import Network
from .progress import Progress


def load_network(name: str, path: str | None, progress: Progress) -> tuple[Network, Card]:
    """The network in evaluation and its card; `path` is a weights file of the user's, None the one that came along.

    Raises `WeightsError`, which names the file and what to do, before anything of a bad file is used.
    """
    try:
        network, card = registry.load(name, path)
    except BadWeights as error:
        raise WeightsError(str(error)) from error
    except OSError as error:
        message = f"the weights {path or name} cannot be read ({error.strerror or error}). Check the path of MODEL."
        raise WeightsError(message) from error
    progress.log(f"network {card.name} ({card.config}), weights {card.sha256[:12]}")
    return cast(Network, network), card
