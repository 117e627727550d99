"""The profile.toml that `init` writes: the first profile's own source, to be changed from there.

It lies in public/ beside the public halves that it names. docs/profile.md tells how it is used.
"""

from datetime import UTC, datetime

from passbox.settings_files import toml_text, toml_texts
from passbox_wire.profile import Destination, Profile, Texts


def profile_toml(profile: Profile) -> str:
    """Return the TOML from which `profile make` makes the very ``profile`` that `init` made."""
    expires = datetime.fromtimestamp(profile.expires, UTC).isoformat()
    return f"""\
# The hospital's address file for senders, before it is signed. File names are relative to this one.
# After a change: raise serial, then
#   passbox profile make profile.toml
#   passbox profile sign profile.unsigned.json --key profile-signing.key   (where that key is kept)
#   passbox profile check hospital.passbox --known OLD.passbox
hospital = {toml_text(profile.hospital)}
address = {toml_text(profile.address)}  # may have lines: "Street 1\\n12345 Town"
phone = {toml_text(profile.phone)}  # whom senders call; stands beside every trouble
email = {toml_text(profile.email)}
# logo = "logo.png"  # PNG, at most 256 KiB

url = {toml_text(profile.url)}  # the receiver as the world sees it
pins = ["server.pem", "backup-pin.pub"]  # the server's key, and one that waits in the safe
roots = "root.pem"  # leave out where the server's certificate was bought
transfer_bytes = {profile.transfer_bytes}  # largest transfer, a hint; the receiver decides

serial = {profile.serial}  # higher with every new version
expires = {expires}  # publish a new one well before
{"".join(_texts(texts) for texts in profile.texts)}\
{"".join(_destination(destination) for destination in profile.destinations)}"""


def _texts(texts: Texts) -> str:
    return f"""
[texts.{texts.language}]
welcome = {toml_text(texts.welcome)}
privacy_version = {toml_text(texts.privacy_version)}  # a new text is a new version
privacy = {toml_text(texts.privacy)}
"""


def _destination(destination: Destination) -> str:
    return f"""
[[destinations]]
id = {toml_text(destination.id)}
name = {toml_text(destination.name)}
departments = {toml_texts(destination.departments)}
recipient_domains = {toml_texts(destination.recipient_domains)}  # empty: any
sealing_keys = ["sealing.pub"]  # sent to: the first; old ones stay while old profiles are about
receipt_keys = ["receipt.pub"]  # any of them may sign
"""
