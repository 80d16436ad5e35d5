"""How the paper's networks are trained: adversarial, feature-matching, pixel and feature losses, apart, then jointly.

The paper names its losses and gives no weights; these are those of Nazeri et al. (2019). Its feature loss uses VGG-19;
here the features are those of the reconstructor's own discriminator. Generators and discriminators take their step at
once: each loss reaches only the weights it is meant for.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from ....models.phase_filling.paper import PaperFillingNet
from ...evaluate.fill_metrics import wrap
from ..recipe import Batch

JOINT_FROM = 0.7  # of the budget: until then the reconstructor is shown the true fringes
MATCHING_WEIGHT = 10.0  # of the reconnector's features
PIXEL_WEIGHT, ADVERSARIAL_WEIGHT, FEATURE_WEIGHT = 1.0, 0.1, 0.1  # of the reconstructor


def paper_loss(network: PaperFillingNet, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
    """Sum of all losses of both generators and discriminators at `progress` (0 to 1) of the budget, and its parts."""
    x, truth = batch["inputs"], batch["truth"][:, 0:1]
    phase = wrap(batch["phase"])[:, None] / torch.pi
    gap = batch["gap"][:, None]
    parts: dict[str, Tensor] = {}
    lines = gap  # the condition without a reconnector
    if network.reconnector is not None and network.reconnector_judge is not None:
        reconnected = torch.sigmoid(network.reconnect(x))
        if progress < JOINT_FROM:
            made, real = torch.cat((phase, reconnected), 1), torch.cat((phase, truth), 1)
            judge = network.reconnector_judge
            parts["reconnector"], parts["reconnector_judge"] = _adversarial(judge, made, real, MATCHING_WEIGHT)
            lines = truth
        else:
            lines = reconnected
            parts["reconnector"] = parts["reconnector_judge"] = _nothing(x)  # the log has the same columns throughout
    made = network.reconstruct(x, lines)
    parts["pixel"] = PIXEL_WEIGHT * ((made - phase).abs() * gap).mean() / gap.mean().clamp_min(1e-3)
    condition = lines.detach().to(made.dtype)
    adversarial, parts["reconstructor_judge"] = _adversarial(
        network.reconstructor_judge,
        torch.cat((made, condition), 1),
        torch.cat((phase, condition), 1),
        FEATURE_WEIGHT / ADVERSARIAL_WEIGHT,
    )
    parts["reconstructor"] = ADVERSARIAL_WEIGHT * adversarial
    return torch.stack(list(parts.values())).sum(), {name: float(part.detach()) for name, part in parts.items()}


def _nothing(like: Tensor) -> Tensor:
    """A loss of zero."""
    return like.new_zeros(())


def _adversarial(judge: nn.Module, made: Tensor, real: Tensor, matching: float) -> tuple[Tensor, Tensor]:
    """Loss of the generator (to fool, and to match features with this weight), and loss of its discriminator."""
    frozen = {name: value.detach() for name, value in judge.named_parameters()}
    seen = functional_call(judge, frozen, (made,))
    wanted = judge(real)
    rejected = judge(made.detach())[-1].float()
    fooled = functional.softplus(-seen[-1].float()).mean()
    distance = torch.stack([(a - b.detach()).float().abs().mean() for a, b in zip(seen[:-1], wanted[:-1], strict=True)])
    judged = 0.5 * (functional.softplus(-wanted[-1].float()).mean() + functional.softplus(rejected).mean())
    return fooled + matching * distance.mean(), judged
