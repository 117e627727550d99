"""The three TOML files that `init` writes: what a hospital will want to change, with a word why."""

import json
from typing import Final

from passbox.house import House, Pacs, Rooms
from passbox_base.durable import write_exclusive
from passbox_wire.ids import DestinationId

_MODE: Final = 0o644


def write_all(rooms: Rooms, house: House, destination: DestinationId) -> None:
    """Write the settings of receiver, poller and viewer; AlreadyThere when one exists."""
    for path, text in (
        (rooms.receiver_settings, receiver_toml(house, destination)),
        (rooms.poller_settings, poller_toml(house, destination)),
        (rooms.viewer_settings, viewer_toml(house)),
    ):
        write_exclusive(path, [text.encode()], mode=_MODE)


def receiver_toml(house: House, destination: DestinationId) -> str:
    """Return the receiver's settings."""
    return f"""\
# The receiver, in the DMZ. It holds sealed packs and no key that opens them.
# Paths are relative to this file. Any value can be overridden by PASSBOX_RECEIVER__SECTION__KEY.
ready_file = "ready.json"  # says where the servers listen, once they do

[public]  # senders dial this
host = {toml_text(house.bind)}
port = {house.ports.public}
certificate = "public.pem"
key = "public.key"

[inner]  # only the poller dials this: mutual TLS
host = {toml_text(house.bind)}
port = {house.ports.receiver_inner}
certificate = "inner.pem"
key = "inner.key"
client_ca = "inner-ca.pem"

[store]
folder = "store"

[[destinations]]
id = {toml_text(destination)}
name = {toml_text(house.hospital)}
destination_keys = ["destination.pub"]
receipt_keys = ["receipt.pub"]
administers = true
"""


def poller_toml(house: House, destination: DestinationId) -> str:
    """Return the poller's settings."""
    departments = "\n".join(
        f"{toml_text(name)} = {toml_text(mailbox)}" for name, mailbox in house.departments.items()
    )
    mail = house.mail
    return f"""\
# The poller, inside. It dials out and is dialled by nobody. The only holder of the unsealing key.
# Paths are relative to this file. Any value can be overridden by PASSBOX_POLLER__SECTION__KEY.
destination = {toml_text(destination)}
ready_file = "ready.json"

[receiver]
url = "https://{house.receiver_inner_host}:{house.ports.receiver_inner}"
ca = "inner-ca.pem"
certificate = "inner.pem"
key = "inner.key"

[viewer]
url = "https://{house.viewer_host}:{house.ports.viewer_inner}"
ca = "inner-ca.pem"
certificate = "inner.pem"
key = "inner.key"
scp_host = {toml_text(house.viewer_host)}
scp_port = {house.ports.scp}

[keys]
sealing = ["sealing.key"]
destination = "destination.key"
receipt = "receipt.key"

[spool]
folder = "spool"

[mail]  # the hospital's own relay; no mail ever leaves from the DMZ
host = {toml_text(mail.host)}
port = {mail.port}
starttls = {str(mail.starttls).lower()}
sender = {toml_text(mail.sender)}
admins = {toml_texts(mail.admins)}

[notify]  # who may be told that images have come; all else goes to the fallback
hospital = {toml_text(house.hospital)}
language = "de"
domains = {toml_texts(house.domains)}
fallback = {toml_text(house.fallback_mailbox)}
link_prefix = "http://{house.viewer_host}:{house.ports.pages}/"  # as the viewer's base_url

[notify.departments]
{departments}
"""


def viewer_toml(house: House) -> str:
    """Return the viewer's settings."""
    return f"""\
# The viewer, inside: temporary store, pages, forwarding to the PACS. It never talks to the DMZ.
# Paths are relative to this file. Any value can be overridden by PASSBOX_VIEWER__SECTION__KEY.
ready_file = "ready.json"

[hospital]
name = {toml_text(house.hospital)}
phone = {toml_text(house.phone)}

[pages]
host = {toml_text(house.bind)}
port = {house.ports.pages}
base_url = "http://{house.viewer_host}:{house.ports.pages}"  # https behind the hospital's own proxy

[retention]  # days from arrival; people are mailed warn_days before, unless it is done with
days = 30
warn_days = 3
# departments = {{ "Radiology" = 14 }}

# [login]  # a proxy of the house that logs people in; its header counts from its addresses only
# header = "X-Remote-User"
# proxies = ["192.0.2.10/32"]
# required = true

[inner]  # only the poller dials this: mutual TLS
host = {toml_text(house.bind)}
port = {house.ports.viewer_inner}
certificate = "inner.pem"
key = "inner.key"
client_ca = "inner-ca.pem"
destination_keys = ["destination.pub"]

[scp]
host = {toml_text(house.bind)}
port = {house.ports.scp}
callers = ["PASSBOX_POLLER"]

[store]
folder = "store"

[forward]
ae_title = "PASSBOX"

# [worklist]  # the house's modality worklist: looks up patients before images go to the PACS
# host = "ris.example"
# port = 104
# ae_title = "WORKLIST"
# issuer = ""  # Issuer of Patient ID where the worklist does not say it
{_ohif(house)}{"".join(_pacs(pacs) for pacs in house.pacs)}"""


def _ohif(house: House) -> str:
    """Return the section of the web viewer, commented out until somebody has fetched it."""
    lines = (
        "[ohif]  # images in OHIF, on an origin of its own; scripts/ohif FOLDER fetches it",
        f"folder = {toml_text(str(house.ohif or 'ohif'))}",
        f"host = {toml_text(house.bind)}",
        f"port = {house.ports.ohif}",
        f'base_url = "http://{house.viewer_host}:{house.ports.ohif}"',
    )
    mark = "" if house.ohif else "# "
    return "\n" + "".join(f"{mark}{line}\n" for line in lines)


def _pacs(pacs: Pacs) -> str:
    return f"""
[[pacs]]
name = {toml_text(pacs.name)}
host = {toml_text(pacs.host)}
port = {pacs.port}
ae_title = {toml_text(pacs.ae_title)}
"""


def toml_text(value: str) -> str:
    """Return a text as TOML's basic string."""
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_texts(values: tuple[str, ...]) -> str:
    """Return texts as TOML's array."""
    return f"[{', '.join(toml_text(value) for value in values)}]"
