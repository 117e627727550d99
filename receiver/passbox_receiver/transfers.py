"""What may be done with a transfer beside sending packs: open, close, cancel, stop.

The rule: judged first, then written into the audit, then done; each may come twice and means the
same the second time. Everything here blocks and runs in a thread. The log has a line for each, with
the transfer's id and nothing of who sent it; packs have none.
"""

import sqlalchemy as sa

from passbox_base.logs import get_logger
from passbox_receiver import uploads, usage
from passbox_receiver.admission import (
    objection_to_close,
    objection_to_open,
    objection_to_service,
)
from passbox_receiver.errors import Refused
from passbox_receiver.quarantine import clear, find_signed
from passbox_receiver.receiver import Receiver
from passbox_receiver.sources import Source
from passbox_receiver.uploads import Upload
from passbox_wire import signing
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, transfer_id
from passbox_wire.inner.receiver import StopReason
from passbox_wire.messages import (
    CloseTransfer,
    Limits,
    OpenTransfer,
    ServiceStatus,
    TransferStatus,
    parse_open_transfer,
)
from passbox_wire.problems import Code, Problem
from passbox_wire.states import UPLOAD, UploadEvent, UploadState, after

_log = get_logger(__name__)


def service_status(receiver: Receiver, source: Source) -> ServiceStatus:
    """Return what anybody may know."""
    rules = receiver.rules.current()
    with receiver.ledger.reading() as connection:
        standing = usage.standing(
            connection, receiver.flying, source, receiver.free(), receiver.now()
        )
    clients = receiver.settings.clients
    return ServiceStatus(
        accepting=objection_to_service(rules, standing) is None,
        limits=_limits(receiver),
        oldest_client=clients.oldest,
        newest_client=clients.newest,
        download=clients.download,
        text=rules.stop_text if rules.stopped else None,
    )


def parse_signed_open(
    receiver: Receiver, transfer: TransferId, untrusted: bytes, signature: bytes
) -> OpenTransfer:
    """Return the message if its own key signed it and it is for a destination that is served.

    Raises Malformed, SignatureWrong, Refused.
    """
    message = parse_open_transfer(untrusted)
    if transfer_id(message.public_key) != transfer:
        raise Malformed("open", "the id is not that of the key")
    signing.verify(message.public_key, signature, signing.open_statement(transfer, untrusted))
    if message.destination not in receiver.destinations:
        raise Refused.because(Code.UNKNOWN_DESTINATION)
    return message


def open_transfer(
    receiver: Receiver, transfer: TransferId, message: OpenTransfer, source: Source
) -> tuple[Upload, bool]:
    """Return the upload, and whether it is new; raise Refused, IllegalTransition."""
    rules = receiver.rules.current()
    now, free = receiver.now(), receiver.free()
    with receiver.flying.deciding, receiver.ledger.writing() as connection:
        upload = uploads.find(connection, transfer)
        if upload is not None:
            return _open_again(upload, message), False
        standing = usage.standing(connection, receiver.flying, source, free, now)
        problem = objection_to_open(rules, message.total_bytes, standing)
        if problem is not None:
            _log.info("transfer refused", transfer_id=transfer, problem=problem.code.value)
            raise Refused(problem)
        _audit(receiver, "transfer opened", transfer, declared_bytes=message.total_bytes)
        return uploads.create(connection, transfer, message, source, now), True


def _open_again(upload: Upload, message: OpenTransfer) -> Upload:
    after(UPLOAD, upload.state, UploadEvent.OPENED_AGAIN)
    same = (upload.destination, upload.handle_sha256)
    if (message.destination, message.handle_sha256) != same:
        raise Malformed("open", "differs from the first time")
    return upload


def close_transfer(
    receiver: Receiver, transfer: TransferId, untrusted: bytes, message: CloseTransfer, sig: bytes
) -> Upload:
    """Close the upload over exactly the packs named; raise Refused, IllegalTransition."""
    said = signing.close_statement(transfer, untrusted)
    # Outside the transaction that writes: hashing 100,000 packs keeps nobody else waiting.
    with receiver.ledger.reading() as connection:
        upload = find_signed(connection, transfer, sig, said)
        after(UPLOAD, upload.state, UploadEvent.CLOSED)
        if message.packs != upload.packs or message.packs_sha256 != _digest_of(
            receiver, connection, upload
        ):
            raise Refused.because(Code.HELD_DIFFERS)
    with receiver.ledger.writing() as connection:
        upload = uploads.must_find(connection, transfer)
        after(UPLOAD, upload.state, UploadEvent.CLOSED)
        if message.packs != upload.packs:  # only ever more: the same number is the same packs
            raise Refused.because(Code.HELD_DIFFERS)
        if upload.state is UploadState.CLOSED:
            return upload
        problem = objection_to_close(receiver.rules.latest, upload)
        if problem is not None:
            raise Refused(problem)
        _audit(receiver, "transfer closed", transfer, packs=upload.packs)
        return uploads.move(
            connection,
            upload,
            UploadEvent.CLOSED,
            receiver.now(),
            packs_sha256=message.packs_sha256,
            signature=sig,
        )


def _digest_of(receiver: Receiver, connection: sa.Connection, upload: Upload) -> bytes:
    """Return the digest over all packs; raise Refused to whoever has it made too often."""
    if upload.packs_sha256 is not None:
        return upload.packs_sha256
    wait = receiver.rate.seconds_to_close(upload.transfer)
    if wait is not None:
        raise Refused(Problem(Code.TOO_MANY_REQUESTS, retry_after=wait))
    return uploads.digest_of_packs(connection, upload.transfer)


def cancel_transfer(receiver: Receiver, transfer: TransferId, signature: bytes) -> Upload:
    """Withdraw the upload and delete what came; raise Refused, IllegalTransition."""
    with receiver.ledger.writing() as connection:
        upload = find_signed(connection, transfer, signature, signing.cancel_statement(transfer))
        event = UploadEvent.CANCELLED
        state = after(UPLOAD, upload.state, event)
        if state is not upload.state:
            _audit(receiver, "transfer cancelled", transfer)
            upload = uploads.move(connection, upload, event, receiver.now(), signature=signature)
    clear(receiver)
    return upload


def stop_transfer(receiver: Receiver, transfer: TransferId, reason: StopReason) -> Upload:
    """End the upload at the inside's word, delete what came; raise Refused, IllegalTransition."""
    with receiver.ledger.writing() as connection:
        upload = uploads.must_find(connection, transfer)
        event = UploadEvent.STOPPED_FROM_INSIDE
        state = after(UPLOAD, upload.state, event)
        if state is upload.state:
            return upload
        _log.info("transfer stopped", transfer_id=transfer, reason=reason.value)
        receiver.audit.append(
            "transfer stopped", author="inside", reason=reason, transfer_id=transfer
        )
        upload = uploads.move(connection, upload, event, receiver.now(), stop_reason=reason)
    clear(receiver)
    return upload


def status_of(receiver: Receiver, upload: Upload) -> TransferStatus:
    """Return what a sender is told of an upload."""
    return TransferStatus(
        upload.transfer,
        upload.state,
        upload.packs,
        upload.bytes_held,
        _limits(receiver),
        receiver.now(),
    )


def _limits(receiver: Receiver) -> Limits:
    limits = receiver.rules.latest.limits
    return Limits(limits.pack_bytes, limits.transfer_bytes, limits.parallel_requests)


def _audit(receiver: Receiver, event: str, transfer: TransferId, **facts: int) -> None:
    _log.info(event, transfer_id=transfer)
    receiver.audit.append(
        event, author="sender", reason="signed request", transfer_id=transfer, **facts
    )
