"""What eyes would find wrong with a page: words that are cut off, texts upon each other."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from passbox_client.gui.sheet import Sheet


def content(sheet: Sheet) -> QWidget:
    """Return what is scrolled."""
    inner = sheet.area.widget()
    assert inner is not None
    return inner


def cut_off(sheet: Sheet) -> list[str]:
    """Return the words that do not fit into their place."""
    inner = content(sheet)
    wide = inner.minimumSizeHint().width() > sheet.area.viewport().width()
    bad = ["the whole page"] if wide else []
    for label in inner.findChildren(QLabel):
        if label.isVisible() and label.wordWrap() and label.text():
            needed = label.heightForWidth(label.width())
            if label.height() < needed:
                bad.append(label.text())
    narrow = [
        button.text()
        for button in sheet.findChildren(QPushButton)
        if button.isVisible() and button.width() < button.sizeHint().width()
    ]
    return bad + narrow


def overlapping(sheet: Sheet) -> list[str]:
    """Return the texts that lie upon each other."""
    inner = content(sheet)
    placed = [
        (label.text(), QRect(label.mapTo(inner, label.rect().topLeft()), label.size()))
        for label in inner.findChildren(QLabel)
        if label.isVisible() and label.text()
    ]
    return [
        f"{one} / {other}"
        for at, (one, first) in enumerate(placed)
        for other, second in placed[at + 1 :]
        if first.intersects(second)
    ]
