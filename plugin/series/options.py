"""What can be set about the plot, in a panel that drops down from its button."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QWidget

from . import model
from . import view as views
from .view import View

LARGEST = 10000.0  # of spacing and cycle, in the unit of the series


class OptionsPanel(QWidget):
    """Fields for what a `View` holds, which it keeps in QGIS's settings; `changed` when the user sets one."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        """With what was set the last time."""
        super().__init__(parent)
        self.view = View.load(QgsSettings())
        form = QFormLayout(self)
        form.addRow("Standard deviation", self._choice("uncertainty", views.UNCERTAINTIES))
        form.addRow("Zero", self._choice("level", model.LEVELS))
        form.addRow("Vertical scale", self._choice("scale", views.SCALES))
        form.addRow("Between series", self._number("spacing", "Lifts each series above the one before it."))
        form.addRow("", self._flag("lines", "Lines between the values", ""))
        about = "For detections that are clicked from now on, where the table of series has it."
        form.addRow("", self._flag("fastest", "Fastest pixel of a detection, not its mean", about))
        about = "Draws every value one cycle of phase higher and lower, to tell unwrapping errors from motion."
        form.addRow("", self._flag("replicas", "Replicas, one cycle up and down", about))
        form.addRow("One cycle", self._number("cycle", "Half the wavelength: 27.7 mm for Sentinel-1 (C band)."))

    def set(self, name: str, value: Any) -> None:
        """Set one option, keep it, and tell."""
        setattr(self.view, name, value)
        self.view.save(QgsSettings())
        self.changed.emit()

    def _choice(self, name: str, words: Any) -> QComboBox:
        box = QComboBox()
        box.addItems(words)
        box.setCurrentText(getattr(self.view, name))
        box.currentTextChanged.connect(lambda text: self.set(name, text))
        box.setObjectName(name)
        return box

    def _number(self, name: str, about: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.0, LARGEST)
        box.setDecimals(2)
        box.setSuffix(" mm")
        box.setValue(getattr(self.view, name))
        box.setToolTip(about)
        box.valueChanged.connect(lambda value: self.set(name, float(value)))
        box.setObjectName(name)
        return box

    def _flag(self, name: str, text: str, about: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setChecked(getattr(self.view, name))
        box.setToolTip(about)
        box.toggled.connect(lambda on: self.set(name, bool(on)))
        box.setObjectName(name)
        return box
