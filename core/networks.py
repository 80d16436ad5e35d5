"""A network of the registry with its weights, ready to predict."""

from __future__ import annotations

from typing import cast

from torch import nn

from ..models import registry
from ..models.phase_unwrapping.network import UnwrapNet
from ..models.registry import Card
from ..models.subsidence_detection.network import ENCODER, Detector
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


def load_detector(path: str | None, progress: Progress) -> tuple[Network, Card]:
    """The unwrapping network with the head that finds subsidence, ready to predict, and the card of the head.

    `path` is a weights file of the head; None is the one that came along. Raises `WeightsError` like `load_network`,
    and where the head that came along was trained on other weights of the unwrapping network.
    """
    unwrapper, below = load_network(ENCODER, None, progress)
    head, card = load_network("subsidence_detection", path, progress)
    if path is None and card.trained.get("encoder") != below.sha256:
        message = (
            f"the weights of subsidence_detection were trained on others of {ENCODER} than those that are there"
            f" ({below.sha256[:12]}). Restore both from the same release, or train them: fringelens train"
            " subsidence_detection."
        )
        raise WeightsError(message)
    detector = Detector(cast(UnwrapNet, unwrapper), cast(nn.Module, head)).eval().requires_grad_(False)
    return cast(Network, detector), card
