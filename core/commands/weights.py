"""`fringelens weights FILE.zip`: adds the networks' weights to an installation without them; needs no package."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from ..errors import FringeLensError, InputError, OutputError, WeightsError
from .arguments import Subparsers

MODELS = Path(__file__).resolve().parents[2] / "models"
WEIGHTS, CARD = "weights.safetensors", "card.json"
SIZE_LIMIT = 16 * 2**20  # bytes of one network's weights, as in the release
FILE_LIMIT = 64 * 2**20  # bytes of the whole file: all networks have 60 MiB at most
RIGHT_FILE = f"fringelens-{__version__}-weights.zip"
_MEMBER = re.compile(r"models/([a-z][a-z0-9_]*)/weights\.safetensors")
_FOLDER = re.compile(r"models/([a-z][a-z0-9_]*/)?")
_HASH = re.compile(r"[0-9a-f]{64}")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, RuntimeError)
_CHUNK = 2**20  # bytes
_SHORT = 12  # characters of a hash that are shown


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "weights",
        description="Installs the networks' weights from a weights file of the same version, after comparing each"
        " with the SHA-256 in its card. If one differs, nothing is installed.",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", type=Path, help=f"the weights file, {RIGHT_FILE}")


def run(options: argparse.Namespace) -> int:
    """Install the weights and tell what was done."""
    installed, unknown = install(options.file, MODELS)
    for name, sha256 in installed.items():
        sys.stdout.write(f"installed: {name}, {sha256[:_SHORT]}, {MODELS / name / WEIGHTS}\n")
    for name in unknown:
        sys.stdout.write(f"left out: {name}, a network that FringeLens {__version__} does not have\n")
    for card in sorted(MODELS.glob(f"*/{CARD}")):
        if not (card.parent / WEIGHTS).is_file():
            sys.stdout.write(f"still without weights: {card.parent.name}, which {options.file.name} does not hold\n")
    return 0


def install(file: Path, models: Path) -> tuple[dict[str, str], list[str]]:
    """Put the weights in `file` beside their cards in `models`; none where one differs from its card.

    Returns the SHA-256 of each network installed, and the networks in the file that have no card here. Raises
    InputError (no such file), WeightsError (the file is damaged, foreign or of another version), OutputError.
    """
    with _opened(file) as archive:
        members = _members(file, archive)
        known = {name: info for name, info in members.items() if (models / name / CARD).is_file()}
        if not known:
            message = f"{file}: holds no weights for FringeLens {__version__}. Take {RIGHT_FILE}."
            raise WeightsError(message)
        promised = {name: _promised(models / name / CARD) for name in known}
        parts = {name: models / name / f"{WEIGHTS}.part" for name in known}
        try:
            found = {name: _unpack(file, archive, info, parts[name]) for name, info in known.items()}
            _compare(file, found, promised)
            for name, part in parts.items():
                with _writing(models / name / WEIGHTS):
                    part.replace(models / name / WEIGHTS)
        finally:
            for part in parts.values():
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
    return found, sorted(set(members) - set(known))


def _opened(file: Path) -> zipfile.ZipFile:
    if not file.is_file():
        message = f"{file}: there is no such file. Check the path."
        raise InputError(message)
    with _reading(file):
        if file.stat().st_size > FILE_LIMIT:
            message = f"{file}: is larger than {FILE_LIMIT >> 20} MiB. Take {RIGHT_FILE}."
            raise WeightsError(message)
        return zipfile.ZipFile(file)


def _members(file: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The weights by network; a file that holds anything else is not what it should be, and is refused whole."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if _FOLDER.fullmatch(info.filename):
            continue
        match = _MEMBER.fullmatch(info.filename)
        if match is None or match[1] in members or info.compress_type not in _METHODS:
            message = f"{file}: {info.filename!r} does not belong in a weights file. Take {RIGHT_FILE}."
            raise WeightsError(message)
        # zipfile never gives more bytes than are declared, so this bounds what is read and written.
        if info.file_size > SIZE_LIMIT:
            message = f"{file}: {info.filename} is larger than {SIZE_LIMIT >> 20} MiB. Take {RIGHT_FILE}."
            raise WeightsError(message)
        members[match[1]] = info
    return members


def _promised(card: Path) -> str:
    try:
        sha256 = json.loads(card.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{card}: the card cannot be read ({type(error).__name__}: {error}). Install FringeLens again."
        raise WeightsError(message) from error
    if not isinstance(sha256, str) or not _HASH.fullmatch(sha256):
        message = f"{card}: the card has no SHA-256. Install FringeLens again."
        raise WeightsError(message)
    return sha256


def _unpack(file: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, part: Path) -> str:
    """Write one member to `part` and return its SHA-256."""
    digest = hashlib.sha256()
    with _writing(part):
        part.unlink(missing_ok=True)  # of a run that was killed
        with part.open("xb") as target:
            for chunk in _chunks(file, archive, info):
                digest.update(chunk)
                target.write(chunk)
    return digest.hexdigest()


def _chunks(file: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with _reading(file), archive.open(info) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _compare(file: Path, found: dict[str, str], promised: dict[str, str]) -> None:
    wrong = [
        f"{name} has SHA-256 {sha256[:_SHORT]}, its card wants {promised[name][:_SHORT]}"
        for name, sha256 in found.items()
        if sha256 != promised[name]
    ]
    if wrong:
        message = (
            f"{file}: does not match FringeLens {__version__}: {'; '.join(wrong)}. Nothing was installed."
            f" Take {RIGHT_FILE}."
        )
        raise WeightsError(message)


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except FringeLensError:
        raise
    except _DAMAGE as error:
        message = f"{file}: is no zip file, or is damaged ({error}). Download {RIGHT_FILE} again."
        raise WeightsError(message) from error
    except OSError as error:
        message = f"{file}: cannot be read ({error.strerror or error}). Check the path."
        raise InputError(message) from error


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"{path}: cannot be written ({error.strerror or error}). Stop what uses it, or run this as a user who may"
            " write there."
        )
        raise OutputError(message) from error
