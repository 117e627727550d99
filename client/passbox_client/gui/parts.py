"""The few kinds of things pages are made of: texts, buttons, boxes, cards, rows.

The rule: a label shows plain text, never markup; everything that takes the focus has a name for a
screen reader.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from passbox_client.gui import style

_TICK = 36


def plain(text: str) -> str:
    """Return a text for a button or box: an ampersand is no key there."""
    return text.replace("&", "&&")


class Text(QLabel):
    """Words on the page. ``role`` is what the style sheet knows it by."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", role)

    def say(self, text: str) -> None:
        """Show a text, nothing where it is empty."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))


class Button(QPushButton):
    """A button that Return presses as well as the space bar."""

    def __init__(self, text: str, role: str = "") -> None:
        super().__init__(plain(text))
        self.setProperty("role", role)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def name(self, text: str) -> None:
        """Give it another text."""
        self.setText(plain(text))
        self.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


class Tick(QCheckBox):
    """A box to tick, drawn large: a frame, a hook, and a second frame for the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_TICK, _TICK)

    def hitButton(self, _position: QPoint) -> bool:  # noqa: N802 - Qt's name
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        colours = colours_of(self)
        off = not self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.focus), 3))
            painter.drawRoundedRect(2, 2, _TICK - 4, _TICK - 4, 7, 7)
        on = self.isChecked()
        painter.setPen(QPen(QColor(colours.off if off else colours.edge), 2))
        filled = (colours.off if off else colours.accent) if on else colours.card
        painter.setBrush(QColor(filled))
        painter.drawRoundedRect(6, 6, _TICK - 12, _TICK - 12, 5, 5)
        if on:
            round_ = Qt.PenCapStyle.RoundCap
            pen = QPen(QColor(colours.on_accent), 3, Qt.PenStyle.SolidLine, round_)
            painter.setPen(pen)
            painter.drawPolyline([QPoint(11, 18), QPoint(16, 23), QPoint(25, 12)])


class Choice(QComboBox):
    """A list to choose from, with a hook that says so."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours_of(self).text), 2))
        x = 22 if self.isRightToLeft() else self.width() - 22
        y = self.height() // 2
        painter.drawPolyline([QPoint(x - 6, y - 3), QPoint(x, y + 3), QPoint(x + 6, y - 3)])


def colours_of(widget: QWidget) -> style.Colours:
    """Return the look that a widget has."""
    black = widget.palette().window().color().lightness() == 0
    return style.CONTRAST if black else style.CALM


class Box(QWidget):
    """A box to tick beside words that wrap; clicking the words ticks it, too."""

    toggled = Signal(bool)

    def __init__(self, text: str, role: str = "") -> None:
        super().__init__()
        self.box = Tick()
        self.box.setAccessibleName(text)
        self.box.toggled.connect(self.toggled)
        self.label = Text(text, role)
        self.label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setContentsMargins(0, 7, 0, 4)
        column.addWidget(self.label)
        row.addLayout(column, 1)
        self.setFocusProxy(self.box)

    def say(self, text: str) -> None:
        """Give it another text."""
        self.label.say(text)
        self.box.setAccessibleName(text)

    def tick(self, *, on: bool) -> None:
        """Show it ticked or not, telling nobody."""
        if self.box.isChecked() is not on:
            self.box.blockSignals(True)  # noqa: FBT003 - Qt's
            self.box.setChecked(on)
            self.box.blockSignals(False)  # noqa: FBT003 - Qt's

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.MouseButtonRelease and self.box.isEnabled():
            self.box.click()
            return True
        return super().eventFilter(watched, event)


class Card(QFrame):
    """A frame with room in it: ``kind`` is cardframe, good, warn or bad."""

    def __init__(self, kind: str = "cardframe") -> None:
        super().__init__()
        self.setObjectName(kind)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 16, 20, 16)
        self.body.setSpacing(10)

    def be(self, kind: str) -> None:
        """Change its kind."""
        if self.objectName() != kind:
            self.setObjectName(kind)
            self.style().unpolish(self)
            self.style().polish(self)
            for label in self.findChildren(QLabel):
                label.style().unpolish(label)
                label.style().polish(label)


class Flow(QLayout):
    """Puts things in rows, as many as fit beside each other."""

    def __init__(self, spacing: int = 12) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt\'s name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt\'s name
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        parent = self.parentWidget()
        mirrored = parent is not None and parent.isRightToLeft()
        x, y, row = 0, 0, 0
        for item in self._items:
            if item.isEmpty():  # hidden
                continue
            size = item.sizeHint()
            if item.hasHeightForWidth():
                size.setHeight(item.heightForWidth(size.width()))
            if x and x + size.width() > rect.width():
                x, y, row = 0, y + row + self.spacing(), 0
            if move:
                left = rect.right() - x - size.width() + 1 if mirrored else rect.x() + x
                item.setGeometry(QRect(left, rect.y() + y, size.width(), size.height()))
            x += size.width() + self.spacing()
            row = max(row, size.height())
        return y + row


def picture_of(png: bytes) -> QPixmap:
    """Return a PNG of ours as a picture; an empty one when it is none."""
    return QPixmap.fromImage(QImage.fromData(png))


def repolish(widget: QWidget) -> None:
    """Let the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
