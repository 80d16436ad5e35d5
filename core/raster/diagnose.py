"""Why a raster cannot be used, in words that say what to do: looked up before and after GDAL has refused it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import InputError

_SUBDATASET = re.compile(r"^(NETCDF|HDF5|GTIFF_DIR|GTIFF_RAW|DERIVED_SUBDATASET:[A-Z0-9_]+):", re.IGNORECASE)
_REMOTE = re.compile(r"(/vsi(curl|s3|gs|az|adls|oss|swift|webhdfs|hdfs)|\bhttps?:|\bftp:|\bs3:|\bgs:)", re.IGNORECASE)
_LETTER = re.compile(r"^[A-Za-z]:[\\/]")

# First bytes of formats that name themselves.
_MAGIC = {
    b"II*\x00": "GeoTIFF",
    b"MM\x00*": "GeoTIFF",
    b"II+\x00": "BigTIFF",
    b"MM\x00+": "BigTIFF",
    b"\x89HDF": "HDF5",
    b"CDF\x01": "NetCDF",
    b"CDF\x02": "NetCDF",
    b"CDF\x05": "NetCDF",
}
_PICTURES = {b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"%PDF": "PDF"}
_HEAD_BYTES = 1024

# A file with more blocks than this is not looked through before it is read.
_MOST_BLOCKS_CHECKED = 200_000


def file_of(path: str) -> Path | None:
    """The file behind a path or a GDAL subdataset name; None inside an archive (/vsizip/ and the like)."""
    if path.startswith("/vsi"):
        return None
    match = _SUBDATASET.match(path)
    if not match:
        return Path(path)
    rest = path[match.end() :]
    if match.group(1).upper().startswith("GTIFF"):
        rest = rest.split(":", 1)[-1]
    if rest.startswith('"'):
        return Path(rest[1:].split('"', 1)[0])
    if match.group(1).upper().startswith("DERIVED"):
        return Path(rest)
    start = 2 if _LETTER.match(rest) else 0
    return Path(rest[:start] + rest[start:].split(":", 1)[0])


def check_before_opening(path: str, name: str) -> None:
    """Raise `InputError` for what is wrong before GDAL has a look: remote, missing, a folder, empty, a web page."""
    if _REMOTE.search(path):
        message = f"{name}: {path} lies on the network. Download it first and give the local file."
        raise InputError(message)
    file = file_of(path)
    if file is None:
        return
    if not file.exists():
        message = f"{name}: there is no file {file}. Check the path; it may have been moved or not mounted."
        raise InputError(message)
    if file.is_dir():
        message = f"{name}: {file} is a folder. Give the raster inside it."
        raise InputError(message)
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
    except OSError as error:
        message = f"{name}: {file} cannot be read ({error.strerror}). Check its permissions."
        raise InputError(message) from error
    if size == 0:
        message = f"{name}: {file} is empty (0 bytes). The download or copy failed; fetch it again."
        raise InputError(message)
    _check_head(file, head, name)


def _check_head(file: Path, head: bytes, name: str) -> None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        message = (
            f"{name}: {file} is a web page and not a raster, most likely a login or error page saved under this name. "
            "Log in to the archive and download it again."
        )
        raise InputError(message)
    if head.startswith(b"PK\x03\x04"):
        message = f"{name}: {file} is a zip archive. Unpack it and give the raster inside."
        raise InputError(message)
    if text.startswith(b"<vrtdataset") and _REMOTE.search(file.read_text(errors="replace")):
        message = f"{name}: {file} points to rasters on the network. Download them and build the VRT from local files."
        raise InputError(message)


def cannot_open(path: str, name: str, error: Exception) -> InputError:
    """The error for a file that no driver opens: damaged, headerless, or no raster at all."""
    file = file_of(path)
    head = b""
    if file is not None:
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
    kind = _MAGIC.get(head[:4])
    if kind:
        return InputError(
            f"{name}: {path} begins as {kind} but cannot be opened: it is damaged or incomplete. "
            f"Copy or download it again. (GDAL: {reason(error)})"
        )
    picture = next((kind for start, kind in _PICTURES.items() if head.startswith(start)), None)
    if picture:
        return InputError(f"{name}: {path} is a {picture} picture without measurements. Give the GeoTIFF beside it.")
    if _looks_binary(head):
        return InputError(
            f"{name}: {path} has no header that tells its size and type. If it is a raw raster (GAMMA, ISCE, SNAPHU), "
            "give the header beside it (ENVI .hdr, ISCE .xml or .vrt, ROI_PAC .rsc), or convert it to GeoTIFF with its "
            "own software (GAMMA data2geotiff, isce2gis.py) or gdal_translate."
        )
    return InputError(
        f"{name}: {path} is not a raster of a format that is read here. "
        f"Convert it to GeoTIFF with gdal_translate or 'Export' in QGIS. (GDAL: {reason(error)})"
    )


def reason(error: BaseException) -> str:
    """What GDAL itself said, where rasterio only points to it."""
    return str(error.__cause__ or error).rstrip(". ")


def _looks_binary(head: bytes) -> bool:
    """Whether the bytes are not text; a raw raster hardly ever is."""
    if not head:
        return False
    strange = sum(byte < 9 or 13 < byte < 32 or byte > 126 for byte in head)
    return strange > len(head) // 20


def check_whole(dataset: Any, path: str, name: str) -> None:
    """Raise `InputError` for a GeoTIFF whose blocks reach beyond the end of its file: cut short while copied."""
    file = file_of(path)
    if dataset.driver != "GTiff" or file is None:
        return
    missing = missing_blocks(dataset, file.stat().st_size)
    if missing:
        message = (
            f"{name}: {path} is incomplete: {missing} of its blocks lie beyond the end of the file. "
            "Copy or download it again."
        )
        raise InputError(message)


def missing_blocks(dataset: Any, size: int, *, count_absent: bool = False) -> int:
    """How many blocks of the first band of an open GeoTIFF lie beyond `size` bytes, or are absent where that counts."""
    block_height, block_width = dataset.block_shapes[0]
    rows, columns = -(-dataset.height // block_height), -(-dataset.width // block_width)
    if rows * columns > _MOST_BLOCKS_CHECKED:
        return 0
    missing = 0
    for row in range(rows):
        for column in range(columns):
            place = f"{column}_{row}"
            offset = dataset.get_tag_item(f"BLOCK_OFFSET_{place}", "TIFF", bidx=1)
            length = dataset.get_tag_item(f"BLOCK_SIZE_{place}", "TIFF", bidx=1)
            if offset is None:
                missing += count_absent
            elif int(offset) + int(length or 0) > size:
                missing += 1
    return missing
