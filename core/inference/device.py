"""Where a network runs, how many threads it has, and whether half precision pays there."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from ..errors import InputError
from ..progress import Progress
from .allocator import keep_memory

NAMES = ("auto", "cpu", "cuda", "mps")

# More threads than cores is worse than fewer: a cluster or a desktop sets this to its share.
THREADS = "FRINGELENS_THREADS"

# float32 for exact numbers, bfloat16 for speed; unset, the device decides.
PRECISION = "FRINGELENS_PRECISION"


@dataclass(frozen=True)
class Device:
    """A device that was tried, and whether networks run in bfloat16 on it."""

    name: str
    bf16: bool
    label: str

    @property
    def torch(self) -> torch.device:
        """The device in torch's words."""
        return torch.device(self.name)


def choose_device(requested: str, progress: Progress) -> Device:
    """The device asked for, or the best there is for `auto`; logs the choice, and warns where it had to fall back.

    Sets torch's threads and the allocator too. Raises `InputError` for a name that is no device.
    """
    if requested not in NAMES:
        message = f"DEVICE is {requested!r}; it must be one of {', '.join(NAMES)}"
        raise InputError(message)
    name = _pick(requested, progress)
    if name == "cpu":
        keep_memory()
    _set_threads(progress)
    device = Device(name, _wants_bf16(name, progress), _label(name))
    progress.log(f"running on {device.label} in {'bfloat16' if device.bf16 else 'float32'}")
    return device


def _pick(requested: str, progress: Progress) -> str:
    for name in ("cuda", "mps") if requested == "auto" else (requested,):
        if name == "cpu":
            return name
        trouble = _trouble(name)
        if not trouble:
            return name
        if requested != "auto":
            progress.warn(f"{name} cannot be used ({trouble}); running on the processor instead, which is slower")
        elif name == "cuda" and torch.cuda.is_available():
            progress.warn(f"there is a CUDA device but it cannot be used ({trouble}); running on the processor")
    return "cpu"


def _trouble(name: str) -> str:
    """Why a device cannot be used, found by using it; empty when it can."""
    backend = torch.cuda if name == "cuda" else torch.backends.mps
    if not backend.is_available():
        built = torch.version.cuda is not None if name == "cuda" else torch.backends.mps.is_built()
        return "this machine shows none" if built else "this build of torch has no support for it"
    try:
        total = torch.ones(8, device=name).sum().item()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0]
    return "" if total == 8 else "it computes wrong sums"


def allowed_threads(progress: Progress) -> int:
    """How many threads computations may use: FRINGELENS_THREADS where it is set, else what torch finds."""
    _set_threads(progress)
    return torch.get_num_threads()


def _set_threads(progress: Progress) -> None:
    text = os.environ.get(THREADS, "").strip()
    if not text:
        return
    if not text.isdigit() or int(text) < 1:
        progress.warn(f"{THREADS} is {text!r}, not a whole number of 1 and more; it is ignored")
        return
    torch.set_num_threads(int(text))


def _wants_bf16(name: str, progress: Progress) -> bool:
    text = os.environ.get(PRECISION, "").strip().lower()
    if text not in ("", "float32", "bfloat16"):
        progress.warn(f"{PRECISION} is {text!r}, neither float32 nor bfloat16; it is ignored")
        text = ""
    return text == "bfloat16" if text else supports_bf16(name)


def supports_bf16(name: str) -> bool:
    """Whether bfloat16 is faster than float32 there: in hardware, since an emulation is slower."""
    if name == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if name != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    capability = torch.cpu.get_capabilities()
    in_hardware = any(capability.get(key) for key in ("avx512_bf16", "amx_bf16", "bf16"))
    return in_hardware and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - torch has no public name


def _label(name: str) -> str:
    if name == "cuda":
        return f"cuda ({torch.cuda.get_device_name()})"
    return f"{name} ({torch.get_num_threads()} threads)" if name == "cpu" else name
