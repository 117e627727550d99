"""Our conversations with a PACS: what it holds (C-FIND), and giving it an instance (C-STORE).

Fetching one back is fetching.py's and moving.py's; the questions to a worklist are worklist.py's.

The data set bytes of the stored file go out as they are, read from the file in pieces. What a PACS
holds is only ever what it lists itself. It decides nothing: forward.py does.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import build_role, evt
from pynetdicom.ae import ApplicationEntity

from passbox_dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_viewer.associations import (
    PDU_BYTES,
    answering_reports,
    bound_queue,
    configure,
    on_connection,
)
from passbox_viewer.errors import PacsAnswered, PacsFailed, PacsUnreachable
from passbox_viewer.fetching import STUDY_ROOT_GET, Fetching
from passbox_viewer.moving import STUDY_ROOT_MOVE, Moving, Returns
from passbox_viewer.settings import Forward, Peer
from passbox_viewer.store import Claims

STUDY_ROOT_FIND: Final = UID("1.2.840.10008.5.1.4.1.2.2.1")
"""PS3.4 annex C.6.2."""
STORAGE_COMMITMENT: Final = UID("1.2.840.10008.1.20.1")
"""PS3.4 annex J, push model."""
_COMMITMENT_INSTANCE: Final = UID("1.2.840.10008.1.20.1.1")
_REQUEST_COMMITMENT: Final = 1
MOST_CONTEXTS: Final = 128
"""PS3.8 section 9.3.2.2: odd context ids from 1 to 255."""
SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_CONNECT_SECONDS: Final = 10
_MOST_MATCHES: Final = 100_000
_LAST_MESSAGE_ID: Final = 65_535


class PacsLink:
    """One configured PACS, or worklist, as we talk to it. Not shared by threads."""

    def __init__(self, peer: Peer, forward: Forward, returns: Returns | None = None) -> None:
        """``returns`` takes what comes by C-MOVE, None where no PACS can reach us."""
        configure()
        self._returns = returns
        self._peer = peer
        self._entity = ApplicationEntity(forward.ae_title)
        self._entity.connection_timeout = _CONNECT_SECONDS
        self._entity.acse_timeout = forward.answer_seconds
        self._entity.dimse_timeout = forward.answer_seconds
        self._entity.network_timeout = forward.answer_seconds
        self._entity.maximum_pdu_size = PDU_BYTES

    @contextlib.contextmanager
    def asking(self) -> Iterator["Question"]:
        """Open an association for C-FIND; raise PacsUnreachable."""
        with self.association([(str(STUDY_ROOT_FIND), None)]) as association:
            yield Question(association)

    @contextlib.contextmanager
    def fetching(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Fetching | Moving]:
        """Open one for C-GET of these (SOP class, transfer syntax) pairs, else for C-MOVE.

        Raises PacsUnreachable, also when the PACS offers neither. By C-GET it may send in plain
        little endian instead.
        """
        fetching = Fetching()
        plain = [(c, s) for c, _ in pairs for s in (EXPLICIT_LITTLE, IMPLICIT_LITTLE)]
        models = [(str(STUDY_ROOT_GET), None), (str(STUDY_ROOT_MOVE), None)]
        contexts = [*models, *dict.fromkeys([*pairs, *plain])]
        roles = [build_role(UID(one), scp_role=True) for one in {c for c, _ in pairs}]
        with self.association(contexts, fetching.handler, roles=roles) as association:
            accepted = {str(context.abstract_syntax) for context in association.accepted_contexts}
            if STUDY_ROOT_GET in accepted:
                fetching.association = association
                yield fetching
            elif STUDY_ROOT_MOVE in accepted and self._returns is not None:
                ours = self._entity.ae_title
                yield Moving(association, self._returns, self._peer.ae_title, ours)
            else:
                raise PacsUnreachable("no C-GET here, and no C-MOVE to us")

    @contextlib.contextmanager
    def sending(self, pairs: Sequence[tuple[str, str]]) -> Iterator["Sending"]:
        """Open one for C-STORE of these (SOP class, transfer syntax) pairs, at most MOST_CONTEXTS.

        Raises PacsUnreachable.
        """
        with self.association(pairs) as association:
            bound_queue(association)
            yield Sending(association)

    @contextlib.contextmanager
    def committing(self, report_handler: Any) -> Iterator["Committing"]:
        """Open one for a storage commitment request; reports on it go to ``report_handler``.

        Raises PacsUnreachable, also when the PACS does not offer it.
        """
        pairs = [(str(STORAGE_COMMITMENT), None)]
        with (
            self.association(pairs, report_handler) as association,
            answering_reports(association),
        ):
            yield Committing(association)

    @contextlib.contextmanager
    def association(
        self, pairs: Sequence[tuple[str, str | None]], *handlers: Any, roles: Sequence[Any] = ()
    ) -> Iterator[Any]:
        self._entity.requested_contexts = []
        for sop_class, transfer_syntax in pairs:
            # One pair a context: with several syntaxes in one the PACS would choose for us.
            syntaxes = [transfer_syntax] if transfer_syntax is not None else None
            if syntaxes is None:
                self._entity.add_requested_context(sop_class)
            else:
                self._entity.add_requested_context(sop_class, syntaxes)
        association = self._entity.associate(
            self._peer.host,
            self._peer.port,
            ae_title=self._peer.ae_title,
            max_pdu=PDU_BYTES,
            ext_neg=list(roles),
            evt_handlers=[(evt.EVT_CONN_OPEN, on_connection), *handlers],
        )
        if not association.is_established:
            raise PacsUnreachable("no association")
        try:
            yield association
        finally:
            with contextlib.suppress(ConnectionError):  # it has ended by itself
                association.release()


class Question:
    """An association on which the PACS is asked what it holds."""

    def __init__(self, association: Any) -> None:
        self._association = association

    def knows_study(self, study_instance_uid: str) -> bool:
        """Return whether the PACS lists the study; raise PacsFailed."""
        keys = {"StudyInstanceUID": study_instance_uid}
        answers = self._answers("STUDY", keys)
        return study_instance_uid in {answer.get("StudyInstanceUID") for answer in answers}

    def held(self, study_instance_uid: str, series_instance_uid: str) -> frozenset[str]:
        """Return the SOP Instance UIDs the PACS lists for a series; raise PacsFailed."""
        keys = {
            "StudyInstanceUID": study_instance_uid,
            "SeriesInstanceUID": series_instance_uid,
            "SOPInstanceUID": "",
        }
        return frozenset(str(a.get("SOPInstanceUID", "")) for a in self._answers("IMAGE", keys))

    def held_anywhere(self, sop_instance_uids: Sequence[str]) -> frozenset[str]:
        """Return which of these the PACS lists in whatever study; raise PacsFailed.

        A relational query (PS3.4 section C.4.1.3.2.2): not every PACS answers one, and one that
        answers with anything else than what was asked about gets no second question.
        """
        keys = {"SOPInstanceUID": "\\".join(sop_instance_uids)}
        asked, found = set(sop_instance_uids), set()
        for answer in self._answers("IMAGE", keys):
            uid = str(answer.get("SOPInstanceUID", ""))
            if uid not in asked:
                self._association.abort()
                raise PacsFailed("an answer to another question")
            found.add(uid)
        return frozenset(found)

    def _answers(self, level: str, keys: Mapping[str, str]) -> Iterator[Dataset]:
        query = Dataset()
        query.QueryRetrieveLevel = level
        for keyword, value in keys.items():
            setattr(query, keyword, value)
        yield from answers(self._association, query, STUDY_ROOT_FIND, _MOST_MATCHES)


def answers(association: Any, query: Dataset, model: UID, most: int) -> Iterator[Dataset]:
    """Yield at most so many answers to a C-FIND, all of them untrusted; raise PacsFailed."""
    try:
        for status, answer in association.send_c_find(query, model):
            code = status.get("Status")
            if code is None:
                raise PacsFailed("no answer to the question")
            if code in _PENDING and answer is not None and most:
                most -= 1
                yield answer
            elif code not in _PENDING and code != 0:
                raise PacsAnswered(code)
    except (ConnectionError, RuntimeError, ValueError) as error:
        # RuntimeError: the association ended; ValueError: the question was not negotiated.
        raise PacsFailed("the question was not answered") from error


class Committing:
    """An association on which the PACS is asked to commit to what it was sent."""

    def __init__(self, association: Any) -> None:
        self._association = association

    def send(self, transaction_uid: str, claims: Sequence[Claims]) -> None:
        """Ask; raise PacsFailed unless the PACS takes the question."""
        try:
            status, _ = self._association.send_n_action(
                _commitment_request(transaction_uid, claims),
                _REQUEST_COMMITMENT,
                STORAGE_COMMITMENT,
                _COMMITMENT_INSTANCE,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise PacsFailed("the request was not answered") from error
        code = status.get("Status")
        if code is None:
            raise PacsFailed("no answer to the request")
        if code != 0:
            raise PacsAnswered(code)


def _commitment_request(transaction_uid: str, claims: Sequence[Claims]) -> Dataset:
    """Return the action information (PS3.4 table J.3-1)."""
    information = Dataset()
    information.TransactionUID = UID(transaction_uid)
    items = []
    for one in claims:
        item = Dataset()
        item.ReferencedSOPClassUID = UID(one.sop_class_uid)
        item.ReferencedSOPInstanceUID = UID(one.sop_instance_uid)
        items.append(item)
    information.ReferencedSOPSequence = items
    return information


class Sending:
    """An association on which instances are given away."""

    def __init__(self, association: Any) -> None:
        self._association = association
        self._message_id = 0

    def send(self, file: Path, claims: Claims) -> int:
        """Return the DIMSE status for a file of ours; raise PacsFailed when there is none."""
        if not self.accepts(claims):
            return SOP_CLASS_NOT_SUPPORTED
        self._message_id = self._message_id % _LAST_MESSAGE_ID + 1
        try:
            status = self._association.send_c_store(file, msg_id=self._message_id)
        except (ConnectionError, RuntimeError) as error:
            raise PacsFailed("the association ended") from error
        code = status.get("Status")
        if code is None:
            raise PacsFailed("no answer to C-STORE")
        return int(code)

    def accepts(self, claims: Claims) -> bool:
        """Return whether the PACS takes this SOP class in this transfer syntax."""
        wanted = (claims.sop_class_uid, claims.transfer_syntax_uid)
        return any(
            (context.abstract_syntax, context.transfer_syntax[0]) == wanted
            for context in self._association.accepted_contexts
        )


def is_taken(status: int) -> bool:
    """Return whether a C-STORE status means stored: success or warning (PS3.4 B.2.3)."""
    return status in {0x0000, 0x0001, 0x0107, 0x0116} or status & 0xF000 == 0xB000  # noqa: PLR2004  # the standard's own figure
