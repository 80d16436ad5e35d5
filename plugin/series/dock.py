"""The dock: click the map, see the series there with its uncertainty and trend, compare several, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional, Tuple

from qgis.core import QgsApplication, QgsGeometry, QgsProject, QgsRectangle, QgsSettings
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QMenu,
    QSplitter,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from . import fit, look, reading
from . import view as views
from .listing import SeriesList
from .options import OptionsPanel
from .outline import OutlineTool
from .pick import Markers, PickTool
from .plot import SeriesPlot
from .tables import TableQuery
from .view import Entry, Place

FOLDER = "fringelens/series/folder"  # where the last file was written
NOTHING_HERE = (
    "Nothing to show here. The layer must be a displacement raster with a date in the name of each band, a table of"
    " series, or detections that such a table belongs to."
)
PICTURES = "Picture (*.png)"
TABLES = "Table (*.csv)"
PLOT_SHARE = (700, 200)  # widths of plot and list at first


class SeriesDock(QgsDockWidget):
    """One for a QGIS; `show_queries` is where every way of choosing ends."""

    def __init__(self, iface: Any) -> None:
        """Hidden until it is asked for; nothing on the map yet."""
        super().__init__("FringeLens displacement series", iface.mainWindow())
        self.setObjectName("FringeLensSeries")
        self._iface, self._canvas = iface, iface.mapCanvas()
        self.plot, self.listing, self.options = SeriesPlot(), SeriesList(), OptionsPanel()
        self.entries: List[Entry] = self.listing.entries
        self.reference: Optional[Entry] = None
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setVisible(False)
        self.picker, self.referrer = PickTool(self._canvas), PickTool(self._canvas)
        self.outliner = OutlineTool(self._canvas)
        self._markers = Markers(self._canvas)
        self.bar = self._tools()
        self._lay_out()
        self.picker.picked.connect(lambda area, click, adds: self.pick(area, is_click=click, adds=adds))
        self.referrer.picked.connect(lambda area, click, _: self.pick_reference(area, is_click=click))
        self.outliner.drawn.connect(self.pick_outline)
        self.listing.changed.connect(self.refresh)
        self.listing.referred.connect(self.refer_to)
        self.options.changed.connect(self.refresh)
        self._canvas.destinationCrsChanged.connect(self._mark)
        QgsProject.instance().layersWillBeRemoved.connect(self._forget_layers)
        self.visibilityChanged.connect(self._mark)
        self.closedStateChanged.connect(lambda is_closed: self._put_down_tools() if is_closed else None)
        self.refresh()

    def pick(self, area: QgsRectangle, *, is_click: bool, adds: bool) -> None:
        """Show what is at a place of the map, given in its CRS."""
        self.show_queries(self._queries(area, is_click=is_click), adds=adds or not is_click, place=self._place(area))

    def pick_outline(self, outline: QgsGeometry) -> None:
        """Add the mean over a polygon of the map, given in its CRS."""
        crs = self._canvas.mapSettings().destinationCrs()
        place = Place(outline.pointOnSurface().asPoint(), crs, outline)
        self.show_queries(look.mean_in(outline, crs, self._candidates()), adds=True, place=place)

    def refer_to(self, number: int) -> None:
        """Make an entry of the list the reference; it leaves the list."""
        self.reference = self.entries.pop(number)
        self.tell(f"Reference: {self.reference.series.name}")
        self.refresh()

    def pick_reference(self, area: QgsRectangle, *, is_click: bool) -> None:
        """Refer every series to the one at a place of the map."""
        found, place = self._queries(area, is_click=is_click)[:1], self._place(area)
        if found:
            reading.start(found, lambda answer, problem: self._refer(answer, problem, place))
        else:
            self.tell(NOTHING_HERE)

    def add_selected(self) -> None:
        """Show the series of the features that are selected in the active layer."""
        found = look.selected(self._iface.activeLayer())
        if found:
            self.show_queries(found, adds=True, place=None)
        else:
            self.tell("Select detections or points of a series in the active layer first, on the map or in its table.")

    def show_queries(self, queries: List[Any], *, adds: bool, place: Any) -> None:
        """Read these in the background; where `adds` is not, what was not kept makes room for them."""
        if queries:
            for query in queries if self.options.view.fastest else ():
                if isinstance(query, TableQuery):
                    query.take_fastest()
            reading.start(queries, lambda answer, problem: self._receive(answer, problem, adds, place))
        else:
            self.tell(NOTHING_HERE)

    def refresh(self) -> None:
        """Draw what the list and the options say now."""
        reference = self.reference.series if self.reference else None
        curves = views.curves(self.entries, self.options.view, reference)
        self.plot.show_curves(curves, self.options.view)
        self.listing.fill(curves)
        self.model.setCurrentText(self.options.view.model)
        self.unrefer.setEnabled(self.reference is not None)
        self._mark()

    def tell(self, text: str) -> None:
        """Say something below the plot; nothing takes the line away."""
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def export(self, name: str) -> bool:
        """Write what is shown: a table for .csv, else a picture; tells where that does not succeed."""
        try:
            if name.lower().endswith(".csv"):
                lines = views.csv_lines(self.plot.curves)
                Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            elif not self.plot.picture().save(name):
                self.tell(f"{name} could not be written; choose a folder you may write to, and .png as its ending.")
                return False
        except OSError as error:
            self.tell(f"{name} could not be written: {error.strerror}.")
            return False
        self.tell(f"Written: {name}")
        return True

    def close_down(self) -> None:
        """Leave nothing on the map, and no task that would come back to a dock that is gone."""
        reading.stop()
        self._markers.clear()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._forget_layers)
        self._canvas.destinationCrsChanged.disconnect(self._mark)
        self._put_down_tools()

    # The pieces of the above.

    def _queries(self, area: QgsRectangle, *, is_click: bool) -> List[Any]:
        crs = self._canvas.mapSettings().destinationCrs()
        return look.queries(area, crs, self._candidates(), is_click=is_click)

    def _candidates(self) -> List[Any]:
        return look.candidates(self._iface.activeLayer(), self._canvas.layers())

    def _place(self, area: QgsRectangle) -> Place:
        return Place(area.center(), self._canvas.mapSettings().destinationCrs())

    def _receive(self, answer: reading.Found, problem: str, adds: bool, place: Any) -> None:  # noqa: FBT001
        if not adds:
            self.entries[:] = [entry for entry in self.entries if entry.kept]
        known = {entry.identity for entry in self.entries}
        for query, series in answer:
            if query.identity not in known:
                colour = views.next_colour(self.entries)
                self.entries.append(Entry(series, colour, query.identity, place, kept=adds))
        self.tell(problem or ("" if answer else "There is no displacement at this place: no data on any date."))
        self.refresh()

    def _refer(self, answer: reading.Found, problem: str, place: Any) -> None:
        for query, series in answer:
            self.reference = Entry(series, views.COLOURS[0], query.identity, place)
        said = f"Reference: {self.reference.series.name}" if answer and self.reference else ""
        self.tell(problem or said or "There is no displacement at this place to refer to.")
        self.refresh()

    def _drop_reference(self) -> None:
        self.reference = None
        self.tell("")
        self.refresh()

    def _clear(self) -> None:
        self.entries.clear()
        self._drop_reference()

    def _forget_layers(self, ids: List[str]) -> None:
        """A reference must not outlive its layer unseen; series that were read stay, since they are complete."""
        if self.reference is not None and self.reference.identity[0] in ids:
            self._drop_reference()

    def _mark(self, *_: Any) -> None:
        places = [(e.place, e.colour, False) for e in self.entries if e.place and e.shown]
        if self.reference is not None and self.reference.place:
            places.append((self.reference.place, "#1a1a2a", True))
        crs = self._canvas.mapSettings().destinationCrs()
        found = [(look.on_map(place, crs), *rest) for place, *rest in places]
        self._markers.show([mark for mark in found if mark[0]] if not self.isHidden() else [])

    def _ask_and_export(self, kinds: str, ending: str) -> None:
        folder = str(QgsSettings().value(FOLDER, "") or Path.home())
        name, _ = QFileDialog.getSaveFileName(self, "Export the series", str(Path(folder) / f"series{ending}"), kinds)
        if name:
            name = name if Path(name).suffix else name + ending
            if self.export(name):
                QgsSettings().setValue(FOLDER, str(Path(name).parent))

    # How it looks.

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.plot)
        split.addWidget(self.listing)
        split.setSizes(list(PLOT_SHARE))
        split.setStretchFactor(0, 1)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.addWidget(self.bar)
        layout.addWidget(split, 1)
        layout.addWidget(self.status)
        self.setWidget(body)

    def _tools(self) -> QToolBar:
        bar = QToolBar()
        self.pick_button = self._add(bar, "mActionIdentify", "Pick on the map", self._take_picker)
        self.pick_button.setToolTip("Click the map; Ctrl+click or a rectangle adds to what is shown")
        self.outline_button = self._add(bar, "mActionCapturePolygon", "Mean in a polygon", self._take_outliner)
        self.outline_button.setToolTip(
            "Draw a polygon: left button for its corners, right button to end; its mean is added"
        )
        self.refer_button = self._add(bar, "mActionCapturePoint", "Reference", self._take_referrer)
        self.refer_button.setToolTip("Click the place that every series is to be relative to")
        self.unrefer = self._add(bar, "mActionRemove", "No reference", self._drop_reference)
        for tool, action in zip(self._map_tools, (self.pick_button, self.outline_button, self.refer_button)):
            action.setCheckable(True)
            tool.setAction(action)
        self._add(bar, "mActionSelectRectangle", "Add what is selected in the active layer", self.add_selected)
        self._add(bar, "mActionDeleteSelected", "Clear", self._clear)
        bar.addSeparator()
        bar.addWidget(QLabel(" Trend "))
        self.model = QComboBox()
        self.model.addItems(fit.MODELS)
        self.model.currentTextChanged.connect(lambda text: self.options.set("model", text))
        bar.addWidget(self.model)
        self.residuals = bar.addAction("Residuals")
        self.residuals.setCheckable(True)
        self.residuals.setChecked(self.options.view.residuals)
        self.residuals.toggled.connect(lambda on: self.options.set("residuals", bool(on)))
        bar.addSeparator()
        self._add(bar, "mActionZoomFullExtent", "Show everything", self.plot.fit)
        bar.addWidget(self._menu("mActionOptions", "Options", self._options_menu()))
        exports = QMenu(self)
        exports.addAction("Table (CSV)…", lambda: self._ask_and_export(TABLES, ".csv"))
        exports.addAction("Picture (PNG)…", lambda: self._ask_and_export(PICTURES, ".png"))
        bar.addWidget(self._menu("mActionFileSave", "Export", exports))
        return bar

    def _options_menu(self) -> QMenu:
        menu, holder = QMenu(self), QWidgetAction(self)
        holder.setDefaultWidget(self.options)
        menu.addAction(holder)
        return menu

    def _menu(self, icon: str, text: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setIcon(QgsApplication.getThemeIcon(f"/{icon}.svg"))
        button.setToolTip(text)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _add(self, bar: QToolBar, icon: str, text: str, slot: Any) -> Any:
        action = bar.addAction(QgsApplication.getThemeIcon(f"/{icon}.svg"), text)
        action.triggered.connect(lambda *_: slot())
        return action

    def _put_down_tools(self) -> None:
        for tool in self._map_tools:
            self._canvas.unsetMapTool(tool)

    @property
    def _map_tools(self) -> Tuple[Any, Any, Any]:
        return self.picker, self.outliner, self.referrer

    def _take_picker(self) -> None:
        self._canvas.setMapTool(self.picker)

    def _take_outliner(self) -> None:
        self._canvas.setMapTool(self.outliner)

    def _take_referrer(self) -> None:
        self._canvas.setMapTool(self.referrer)
