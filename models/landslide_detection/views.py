"""The same stack seen from eight sides: what hangs on the side is the network's error, and goes in the mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .network import CHANNELS, OUTPUTS

GRADIENTS = slice(2)  # planes that change with the sign of the phase
ALONG, DOWNWARD = [0, 5], [1, 6]  # planes that point along columns, and along rows
SWAPPED = [1, 0, 2, 3, 4, 6, 5, 7, 8, 9]  # planes after rows and columns change places
MIRRORED, UPENDED, SWAPPED_SIDES = [0, 1, 2, 5, 4, 3], [0, 1, 4, 3, 2, 5], [0, 1, 3, 2, 5, 4]  # of OUTPUTS
LEAST = 1e-6  # probability of a middle below which views differ in nothing that counts


class View(NamedTuple):
    """A side: left for right, then top for bottom, then rows for columns; and the sign of the phase."""

    mirrored: bool
    upended: bool
    swapped: bool
    negative: bool = False

    def turned(self, field: Tensor) -> Tensor:
        """A field (…, h, w) without direction as it is from this side."""
        field = field.flip(-1) if self.mirrored else field
        field = field.flip(-2) if self.upended else field
        return field.transpose(-2, -1) if self.swapped else field

    def shown(self, x: Tensor) -> Tensor:
        """Planes (n, 10, h, w) of CHANNELS as they are from this side, directions turned with them."""
        x = self.turned(x).clone()
        x = x[:, SWAPPED] if self.swapped else x
        # What pointed along columns points along rows once they have changed places.
        x[:, DOWNWARD if self.swapped else ALONG] *= -1.0 if self.mirrored else 1.0
        x[:, ALONG if self.swapped else DOWNWARD] *= -1.0 if self.upended else 1.0
        x[:, GRADIENTS] *= -1.0 if self.negative else 1.0
        return x.contiguous()

    def taken_back(self, answer: Tensor) -> Tensor:
        """OUTPUTS (n, 6, h, w) of what was shown, as they are from the usual side."""
        if self.swapped:
            answer = answer.transpose(2, 3)[:, SWAPPED_SIDES]
        if self.upended:
            answer = answer.flip(2)[:, UPENDED]
        return answer.flip(3)[:, MIRRORED] if self.mirrored else answer


# A group, so that the mean turns exactly with the stack: every mirroring changes the sign of the phase too, so that
# subsidence and uplift are both asked for.
VIEWS = tuple(
    View(mirrored, upended, swapped, negative=mirrored ^ upended ^ swapped)
    for swapped in (False, True)
    for upended in (False, True)
    for mirrored in (False, True)
)


class Seen(nn.Module):
    """A landslide network asked from VIEWS one after the other, which speaks as the network does.

    The logit of a body is the mean; a middle is as probable as in the mean, and its box is the mean of the boxes, each
    counted by how probable its view thinks the middle.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.halo, self.multiple_of = int(network.halo), int(network.multiple_of)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 10, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 6, h, w) of OUTPUTS."""
        body, chance, sides = (torch.zeros(len(x), planes, *x.shape[2:], device=x.device) for planes in (1, 1, 4))
        for view in VIEWS:
            answer = view.taken_back(self.network(view.shown(x)).float())
            middle = torch.sigmoid(answer[:, 1:2]) + LEAST
            body += answer[:, :1]
            chance += middle
            sides += answer[:, 2:] * middle
        return torch.cat((body / len(VIEWS), torch.logit(chance / len(VIEWS), LEAST), sides / chance), 1)
