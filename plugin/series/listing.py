"""The list of series beside the plot: shown or not, renamed, coloured, removed."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from qgis.PyQt.QtWidgets import QColorDialog, QListWidget, QListWidgetItem, QMenu, QWidget

from .view import Curve, Entry

ICON = 14  # pixels
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class SeriesList(QListWidget):
    """Shows entries and changes them; `changed` after each change, `referred` with the number of a new reference."""

    changed = pyqtSignal()
    referred = pyqtSignal(int)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        """An empty list."""
        super().__init__(parent)
        self.entries: List[Entry] = []
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setToolTip("Tick to show, double-click to rename, Delete to remove; more with the right button.")
        self.customContextMenuRequested.connect(self._open_menu)
        self.itemChanged.connect(self._hear)

    def fill(self, curves: List[Curve]) -> None:
        """Show the entries anew, with the velocities of the curves."""
        velocities = {curve.colour: curve.trend.text(curve.series.unit) for curve in curves if curve.trend}
        chosen = {self.row(item) for item in self.selectedItems()}
        self.blockSignals(True)
        self.clear()
        for number, entry in enumerate(self.entries):
            item = QListWidgetItem(_swatch(entry.colour), entry.series.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
            item.setCheckState(CHECKED if entry.shown else UNCHECKED)
            about = [entry.series.name, velocities.get(entry.colour, ""), entry.series.note]
            item.setToolTip("\n".join(line for line in about if line))
            font = item.font()
            font.setItalic(not entry.kept)
            item.setFont(font)
            self.addItem(item)
            item.setSelected(number in chosen)
        self.blockSignals(False)

    def remove_selected(self) -> None:
        """Forget the entries that are selected."""
        rows = {self.row(item) for item in self.selectedItems()}
        self.entries[:] = [entry for i, entry in enumerate(self.entries) if i not in rows]
        self.clearSelection()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    def _hear(self, item: QListWidgetItem) -> None:
        entry = self.entries[self.row(item)]
        entry.shown = item.checkState() == CHECKED
        if item.text().strip():
            entry.series = entry.series._replace(name=item.text().strip())
        self.changed.emit()

    def _open_menu(self, place: QPoint) -> None:
        items = self.selectedItems()
        if not items:
            return
        menu = QMenu(self)
        menu.addAction("Keep", lambda: self._keep(items))
        menu.addAction("Rename", lambda: self.editItem(items[0]))
        menu.addAction("Colour…", lambda: self._recolour(items))
        menu.addAction("Refer all others to it", lambda: self.referred.emit(self.row(items[0])))
        menu.addAction("Remove", self.remove_selected)
        menu.exec(self.mapToGlobal(place))

    def _keep(self, items: List[QListWidgetItem]) -> None:
        for item in items:
            self.entries[self.row(item)].kept = True
        self.changed.emit()

    def _recolour(self, items: List[QListWidgetItem]) -> None:
        entry = self.entries[self.row(items[0])]
        colour = QColorDialog.getColor(QColor(entry.colour), self, "Colour of the series")
        if colour.isValid():
            entry.colour = colour.name()
            self.changed.emit()


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(ICON, ICON)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
