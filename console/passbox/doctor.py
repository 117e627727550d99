"""`passbox doctor`: looks at what `init` made and what runs, and says OK or what to do."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from passbox.house import Rooms
from passbox.speaking import results

_SECONDS: Final = 5
_SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line: ``remedy`` is None when all is well; ``note``: good to know, nothing to do."""

    what: str
    remedy: str | None
    note: bool = False

    @property
    def mark(self) -> str:
        """What the line begins with."""
        return "CARE" if self.remedy else "NOTE" if self.note else "OK  "


def doctor(
    folder: Annotated[Path, typer.Argument(help="What `passbox init` made.", exists=True)],
) -> None:
    """Check settings, keys, certificates, profile, mail relay and PACS; exit code 1 for CARE.

    A machine has only its own folder: what is not there is not checked. Nothing is changed.
    """
    diagnoses = [diagnosis for look in _CHECKS for diagnosis in look(Rooms(folder))]
    for diagnosis in diagnoses:
        line = f"{diagnosis.mark} {diagnosis.what}"
        results.print(
            line if diagnosis.remedy is None else f"{line}: {diagnosis.remedy}", markup=False
        )
    if not diagnoses:
        results.print("Nothing of Passbox lies here.")
    if not diagnoses or any(diagnosis.remedy for diagnosis in diagnoses):
        raise typer.Exit(1)


def _settings(rooms: Rooms) -> Iterator[Diagnosis]:
    from passbox_base.errors import SettingsError

    for path, read in (
        (rooms.receiver_settings, _read_receiver),
        (rooms.poller_settings, _read_poller),
        (rooms.viewer_settings, _read_viewer),
    ):
        if path.exists():
            try:
                read(path)
                yield Diagnosis(f"{path.name} is complete", None)
            except SettingsError as error:
                yield Diagnosis(f"{path.name}", str(error))


def _read_receiver(path: Path) -> object:
    from passbox_receiver.settings import load_settings

    return load_settings(path)


def _read_poller(path: Path) -> object:
    from passbox_poller.settings import read_settings

    return read_settings(path)


def _read_viewer(path: Path) -> object:
    from passbox_viewer.settings import read_settings

    return read_settings(path)


def _keys(rooms: Rooms) -> Iterator[Diagnosis]:
    from passbox_base.errors import KeyFileTooOpen, KeyFileUnusable
    from passbox_base.keys import check_private_file

    for folder in (rooms.dmz, rooms.poller, rooms.viewer):
        for path in sorted(folder.glob("*.key")):
            name = f"{folder.name}/{path.name}"
            try:
                check_private_file(path)
                yield Diagnosis(f"{name} is private", None)
            except (KeyFileTooOpen, KeyFileUnusable) as error:
                yield Diagnosis(name, f"{error}; chmod 600 and look who could have read it")
    if rooms.offline.exists() and any(rooms.offline.iterdir()) and rooms.dmz.exists():
        yield Diagnosis("offline/", "still here: move it to a medium in a safe")


def _certificates(rooms: Rooms) -> Iterator[Diagnosis]:
    from cryptography import x509

    for folder in (rooms.dmz, rooms.poller, rooms.viewer):
        for path in sorted(folder.glob("*.pem")):
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            ends = certificate.not_valid_after_utc
            late = ends < datetime.now(UTC) + _SOON
            yield Diagnosis(
                f"{folder.name}/{path.name} is valid until {ends:%Y-%m-%d}",
                "renew it; the pins stay if the key does" if late else None,
            )


def _profile(rooms: Rooms) -> Iterator[Diagnosis]:
    from passbox_wire.errors import WireError
    from passbox_wire.profile import check_profile, parse_profile

    if not rooms.profile.exists():
        return
    try:
        signed = parse_profile(rooms.profile.read_bytes())
        check_profile(signed, int((datetime.now(UTC) + _SOON).timestamp()))
        yield Diagnosis(f"{rooms.profile.name} is signed and not about to expire", None)
    except WireError as error:
        yield Diagnosis(rooms.profile.name, f"{error}: make a new one with a higher serial")


def _neighbours(rooms: Rooms) -> Iterator[Diagnosis]:
    from passbox_base.errors import SettingsError
    from passbox_poller.settings import read_settings as read_poller
    from passbox_viewer.settings import read_settings as read_viewer

    try:
        if rooms.poller_settings.exists():
            mail = read_poller(rooms.poller_settings).mail
            yield _answers("the mail relay", mail.host, mail.port)
        if rooms.viewer_settings.exists():
            viewer = read_viewer(rooms.viewer_settings)
            for pacs in viewer.pacs:
                yield _answers(f"the PACS {pacs.name}", pacs.host, pacs.port)
            if viewer.archive is not None:
                from passbox.doctor_archive import look_at

                yield from look_at(viewer.archive, viewer.forward)
    except SettingsError:
        return  # told by _settings


def _inside(rooms: Rooms) -> Iterator[Diagnosis]:
    from passbox.doctor_inside import confinement, scanner

    yield from confinement(rooms)
    yield from scanner(rooms)


def _answers(what: str, host: str, port: int) -> Diagnosis:
    try:
        socket.create_connection((host, port), _SECONDS).close()
    except OSError as error:
        return Diagnosis(f"{what} at {host}:{port}", f"does not answer ({error.strerror or error})")
    return Diagnosis(f"{what} at {host}:{port} answers", None)


_CHECKS: Final[tuple[Callable[[Rooms], Iterator[Diagnosis]], ...]] = (
    _settings,
    _keys,
    _certificates,
    _profile,
    _neighbours,
    _inside,
)
