"""The ways to our two peers, made from the settings: CA, certificate, pins and signing key."""

import secrets

from passbox_base.clocks import Clock
from passbox_base.keys import load_signing_key
from passbox_base.tls_contexts import inner_client_context
from passbox_poller.link import Link
from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.settings import Keys, Receiver, Settings, Viewer
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.ids import DestinationId


def receiver_link(settings: Settings, clock: Clock) -> ReceiverLink:
    """Return the way to the receiver; raise what base raises for keys and certificates."""
    key = load_signing_key(settings.keys.destination)
    link = _link(settings.receiver, settings.keys, clock)
    return ReceiverLink(link, key, DestinationId(settings.destination), secrets.token_hex(16))


def viewer_link(settings: Settings, clock: Clock) -> ViewerLink:
    """Return the way to the viewer; raise what base raises for keys and certificates."""
    return ViewerLink(_link(settings.viewer, settings.keys, clock))


def _link(peer: Receiver | Viewer, keys: Keys, clock: Clock) -> Link:
    context = inner_client_context(peer.ca.read_text(), peer.certificate, peer.key)
    pins = frozenset(bytes.fromhex(pin) for pin in getattr(peer, "pins", ()))
    return Link(peer.url, context, load_signing_key(keys.destination), clock, pins)
