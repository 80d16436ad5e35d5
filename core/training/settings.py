"""Options of a training run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What a run may cost and how it learns; either `minutes` or `steps` ends it, and steers the learning rate."""

    config: str = "default"
    minutes: float = 20.0
    steps: int | None = None  # ends the run after so many steps instead, so that it can be repeated exactly
    seed: int = 0
    batch: int = 8
    learning_rate: float = 2e-3  # of AdamW at its height; BN-ResUNets bear 2e-3 to 3e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.03  # share of the budget in which the learning rate rises
    ema_decay: float = 0.998
    clip: float = 2.0  # largest norm of the gradient
    checkpoint_minutes: float = 3.0
    validate_minutes: float = 4.0
    validate_steps: int | None = None  # instead of minutes, for runs that are counted in steps
    log_steps: int = 20

    def __post_init__(self) -> None:
        if self.steps is None and self.minutes <= 0:
            msg = f"minutes must be positive, got {self.minutes}"
            raise ValueError(msg)
        if self.batch < 1:
            msg = f"batch must be at least 1, got {self.batch}"
            raise ValueError(msg)

    def progress(self, step: int, seconds: float) -> float:
        """Share of the budget that is spent, 0 to 1."""
        spent = step / self.steps if self.steps is not None else seconds / (60.0 * self.minutes)
        return min(spent, 1.0)
