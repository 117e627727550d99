"""Paths, header names and the version of the contract, once. Paths are templates with {names}."""

from typing import Final

VERSION: Final = 1
"""Version of the contract, sent in VERSION_HEADER with every request.

One that is not served is answered with client_too_old.
"""

VERSION_HEADER: Final = "Passbox-Version"
CLIENT_HEADER: Final = "Passbox-Client"
DIGEST_HEADER: Final = "Passbox-Digest"
SIGNATURE_HEADER: Final = "Passbox-Signature"
TIME_HEADER: Final = "Passbox-Time"
HANDLE_HEADER: Final = "Passbox-Handle"
"""The receipt's handle goes in a header because paths end up in logs of boxes in between."""

# Public side of the receiver: clients.
STATUS: Final = "/v1/status"
TRANSFER: Final = "/v1/transfers/{transfer}"
PACKS: Final = "/v1/transfers/{transfer}/packs"
PACK: Final = "/v1/transfers/{transfer}/packs/{number}"
CLOSE: Final = "/v1/transfers/{transfer}/close"
CANCEL: Final = "/v1/transfers/{transfer}/cancel"
RECEIPT: Final = "/v1/receipt"

# Poller's side of the receiver: mutual TLS and the destination's signature on each request.
WORK: Final = "/inner/v1/work"
INNER_PACKS: Final = "/inner/v1/transfers/{transfer}/packs"
INNER_PACK: Final = "/inner/v1/transfers/{transfer}/packs/{number}"
ACKNOWLEDGE: Final = "/inner/v1/transfers/{transfer}/acknowledge"
INNER_RECEIPT: Final = "/inner/v1/transfers/{transfer}/receipt"
STOP: Final = "/inner/v1/transfers/{transfer}/stop"
ALARMS: Final = "/inner/v1/alarms"
ADMINISTRATION: Final = "/inner/v1/administration"

# Poller's side of the viewer: the inner contract.
VIEWER_TRANSFER: Final = "/inner/v1/transfers/{transfer}"
VIEWER_DELIVERY: Final = "/inner/v1/transfers/{transfer}/delivery"
VIEWER_ATTACHMENT: Final = "/inner/v1/transfers/{transfer}/attachments/{index}"
VIEWER_INSTANCES: Final = "/inner/v1/transfers/{transfer}/instances"
VIEWER_EVENTS: Final = "/inner/v1/events"
VIEWER_COMMANDS: Final = "/inner/v1/commands"
VIEWER_COMMAND_ANSWER: Final = "/inner/v1/commands/{command}/answer"
VIEWER_QUARANTINE: Final = "/inner/v1/quarantine"
VIEWER_DECISIONS: Final = "/inner/v1/quarantine/decisions"
