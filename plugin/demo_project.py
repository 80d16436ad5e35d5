"""Writes the QGIS project of a demonstration, styled: demo.qgz in its folder. `./run demo` runs it in QGIS's Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

from qgis.core import Qgis, QgsApplication, QgsProject, QgsRasterLayer, QgsReferencedRectangle

STYLES = Path(__file__).resolve().parent / "styles"


class Entry(NamedTuple):
    """One layer of the project."""

    path: Path
    name: str
    style: str
    shown: bool


def entries(folder: Path, interferogram: Path, coherence: Optional[Path]) -> List[Entry]:
    """The layers that exist, from the top of the map to its bottom."""
    found = [
        Entry(folder / "mask.tif", "Decorrelated (FringeLens)", "mask", True),
        Entry(folder / "otsu.tif", "Decorrelated (Otsu)", "mask", False),
        Entry(folder / "truth.tif", "Decorrelated (truth)", "mask", False),
        Entry(folder / "probability.tif", "Probability of decorrelation", "probability", False),
        Entry(folder / "masked.tif", "Masked interferogram", "wrapped_phase", False),
    ]
    if coherence is not None:
        found.append(Entry(coherence, "Coherence", "coherence", False))
    found.append(Entry(interferogram, "Interferogram", "wrapped_phase", True))
    return [entry for entry in found if entry.path.exists()]


def add(project: QgsProject, entry: Entry) -> QgsRasterLayer:
    """Add one layer below those that are there, with its style."""
    layer = QgsRasterLayer(str(entry.path), entry.name)
    if not layer.isValid():
        message = f"QGIS cannot open {entry.path}"
        raise OSError(message)
    _, loaded = layer.loadNamedStyle(str(STYLES / f"{entry.style}.qml"))
    if not loaded:
        message = f"the style {entry.style} could not be loaded from {STYLES}"
        raise OSError(message)
    project.addMapLayer(layer, False)
    node = project.layerTreeRoot().addLayer(layer)
    node.setItemVisibilityChecked(entry.shown)
    node.setExpanded(entry.shown)
    return layer


def write(folder: Path, layers: Sequence[Entry]) -> Path:
    """Write the project, with paths relative to it."""
    project = QgsProject.instance()
    added = [add(project, entry) for entry in layers]
    bottom = added[-1]
    project.setTitle("FringeLens: " + bottom.name())
    project.setCrs(bottom.crs())
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(bottom.extent(), bottom.crs()))
    path = folder / "demo.qgz"
    if not project.write(str(path)):
        message = f"{path} could not be written: {project.error()}"
        raise OSError(message)
    project.clear()
    return path


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Start QGIS without a window, and write the project."""
    parser = argparse.ArgumentParser(description="Write the QGIS project of a demonstration.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--interferogram", type=Path, required=True)
    parser.add_argument("--coherence", type=Path)
    options = parser.parse_args(arguments)
    application = QgsApplication([], False)
    application.initQgis()
    try:
        path = write(options.folder, entries(options.folder, options.interferogram, options.coherence))
    finally:
        application.exitQgis()
    sys.stdout.write(f"project: {path} (QGIS {Qgis.QGIS_VERSION})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
