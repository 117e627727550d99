"""Steps 1 to 4: who sends, and for whom."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QCoreApplication, QStringListModel, Qt
from PySide6.QtWidgets import (
    QCompleter,
    QGridLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from passbox_client.gui.parts import Box, Choice, Text, repolish
from passbox_client.gui.sheet import Sheet
from passbox_client.window.form import Fault, Field, completions
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_OF_A_SENDER: Final = "name@example.com"


class PeoplePage(Sheet):
    """A form with numbered fields; what is wrong stands below its field."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(
            translate("People", "Who sends, and for whom?"),
            translate(
                "People",
                "Fields marked “required” are needed so that the hospital can "
                "call back. Everything else is up to you.",
            ),
        )
        self._presenter = presenter
        self._faults: dict[Field, Text] = {}
        self._lines: dict[Field, QLineEdit] = {}
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(1, 1)
        self._row = 0
        self.name = self._line(1, translate("People", "Your name (required)"), Field.NAME)
        self.email = self._line(2, translate("People", "Your e-mail (required)"), Field.EMAIL)
        self.phone = self._line(None, translate("People", "Your telephone number"), None)
        self.inbox = self._choice(None, translate("People", "Where at the hospital"))
        self.department = self._choice(3, translate("People", "Department"))
        self.recipient = self._line(
            4, translate("People", "E-mail of somebody at the hospital"), Field.RECIPIENT
        )
        self.known = QStringListModel(self)
        completer = QCompleter(self.known, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.recipient.setCompleter(completer)
        self.remember = Box(
            translate("People", "Remember me on this computer (nothing about any patient)")
        )
        self.body.addLayout(self.grid)
        self.body.addWidget(self.remember)
        self.primary.name(translate("People", "Continue"))
        self.back.name(translate("People", "Back"))
        self.back.show()
        self.primary.clicked.connect(presenter.go_on)
        self.back.clicked.connect(presenter.back)
        self._listen()

    def _line(self, number: int | None, label: str, field: Field | None) -> QLineEdit:
        line = QLineEdit()
        line.setMaxLength(200)
        line.setAccessibleName(label)
        self._add(number, label, line)
        line.returnPressed.connect(self._presenter.go_on)
        if field is not None:
            fault = Text("", "fault")
            fault.hide()
            self.grid.addWidget(fault, self._row, 1)
            self._row += 1
            self._faults[field], self._lines[field] = fault, line
            line.editingFinished.connect(self._leaving(field))
        self.grid.setRowMinimumHeight(self._row, 8)
        self._row += 1
        return line

    def _leaving(self, field: Field) -> Callable[[], None]:
        return lambda: self._presenter.leave_field(field)

    def _choice(self, number: int | None, label: str) -> Choice:
        box = Choice()
        box.setAccessibleName(label)
        self._add(number, label, box)
        self.grid.setRowMinimumHeight(self._row, 8)
        self._row += 1
        return box

    def _add(self, number: int | None, label: str, widget: QWidget) -> None:
        if number is not None:
            bubble = QLabel(str(number))
            bubble.setProperty("role", "number")
            bubble.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.grid.addWidget(bubble, self._row + 1, 0)
        words = Text(label)
        words.setBuddy(widget)
        self.grid.addWidget(words, self._row, 1)
        self.grid.addWidget(widget, self._row + 1, 1)
        widget.setProperty("label", words)
        self._row += 2

    def _listen(self) -> None:
        for line in (self.name, self.email, self.phone, self.recipient):
            line.textEdited.connect(self._typed)
        self.inbox.activated.connect(self._inbox_chosen)
        self.department.activated.connect(self._typed)
        self.remember.toggled.connect(self._typed)

    def _inbox_chosen(self) -> None:
        self.department.setCurrentIndex(0)
        self._typed()

    def _typed(self) -> None:
        form = replace(
            self._presenter.state.form,
            name=self.name.text(),
            email=self.email.text(),
            phone=self.phone.text(),
            destination=self.inbox.currentData() or "",
            department=self.department.currentData() or "",
            recipient=self.recipient.text(),
            remember=self.remember.box.isChecked(),
        )
        self._presenter.enter(form)

    def draw(self, state: WindowState) -> None:
        form, destination = state.form, state.destination
        for line, text in (
            (self.name, form.name),
            (self.email, form.email),
            (self.phone, form.phone),
            (self.recipient, form.recipient),
        ):
            if line.text() != text:
                line.setText(text)
        if state.card is not None and destination is not None:
            inboxes = [(each.name, str(each.id)) for each in state.card.profile.destinations]
            _offer(self.inbox, inboxes, form.destination)
            self._show_row(self.inbox, shown=len(inboxes) > 1)
            nobody = (translate("People", "I do not know"), "")
            departments = [nobody, *((name, name) for name in destination.departments)]
            _offer(self.department, departments, form.department)
            self.known.setStringList(completions(form.recipient, destination))
        self.remember.tick(on=form.remember)
        for field, fault in self._faults.items():
            found = state.faults.get(field) if field in state.checked else None
            fault.say(_words(field, found, state) if found else "")
            line = self._lines[field]
            if line.property("wrong") != bool(found):
                line.setProperty("wrong", bool(found))
                repolish(line)
            line.setAccessibleDescription(fault.text() if found else "")

    @staticmethod
    def _show_row(widget: QWidget, *, shown: bool) -> None:
        widget.setVisible(shown)
        widget.property("label").setVisible(shown)

    def first(self) -> QWidget:
        for field, line in self._lines.items():
            if field in self._presenter.state.faults and not line.text():
                return line
        return self.primary if self.name.text() and self.email.text() else self.name


def _offer(box: Choice, choices: list[tuple[str, str]], chosen: str) -> None:
    known = [(box.itemText(at), box.itemData(at)) for at in range(box.count())]
    if known != choices:
        box.clear()
        for text, data in choices:
            box.addItem(text, data)
    box.setCurrentIndex(max(0, box.findData(chosen)))


def _words(field: Field, fault: Fault, state: WindowState) -> str:
    if fault is Fault.NO_ADDRESS:
        return "✗  " + translate(
            "People", "This is not an e-mail address. Example: {example}"
        ).format(example=_example(state) if field is Field.RECIPIENT else _OF_A_SENDER)
    if fault is Fault.NOT_THE_HOSPITALS:
        domains = ", ".join(state.destination.recipient_domains) if state.destination else ""
        said = translate(
            "People", "This address does not belong to the hospital. Allowed: {domains}"
        )
        return "✗  " + said.format(domains=domains)
    if field is Field.NAME:
        return "✗  " + translate("People", "Please type your name.")
    return "✗  " + translate("People", "Please type your e-mail address.")


def _example(state: WindowState) -> str:
    domains = state.destination.recipient_domains if state.destination else ()
    return f"name@{domains[0]}" if domains else _OF_A_SENDER
