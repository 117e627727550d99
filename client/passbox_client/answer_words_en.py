"""English words for what the hospital's server answers, by the codes of the contract."""

from typing import Final

ANSWERS: Final = {
    "malformed": (
        "The hospital's server did not understand this program.",
        "Get the current version from the hospital.",
    ),
    "client_too_old": (
        "This program is too old for the hospital's server.",
        "Get the current version from the hospital.",
    ),
    "not_found": (
        "The address in the hospital's address file leads nowhere.",
        "Ask the hospital for a new address file.",
    ),
    "wrong_method": (
        "The hospital's server did not understand this program.",
        "Get the current version from the hospital.",
    ),
    "too_large": (
        "A part was larger than the hospital's server takes.",
        "Get the current version from the hospital.",
    ),
    "length_wrong": (
        "A part arrived incomplete, again and again.",
        "Try another internet connection; what has arrived is kept.",
    ),
    "digest_wrong": (
        "A part arrived damaged, again and again.",
        "Try another internet connection; what has arrived is kept.",
    ),
    "signature_wrong": (
        "The hospital's server did not accept this transfer's signature.",
        "Send again from the start.",
    ),
    "unknown_destination": (
        "The hospital's server does not serve the destination in the address file.",
        "Ask the hospital for a new address file.",
    ),
    "unknown_transfer": (
        "The hospital's server does not know this transfer any more.",
        "Send again from the start.",
    ),
    "pack_conflict": (
        "The hospital's server already has something else in this place.",
        "Send again from the start.",
    ),
    "held_differs": (
        "The hospital's server has not got what was sent.",
        "Send again from the start and tell the hospital.",
    ),
    "closed": (
        "This transfer is already finished.",
        "Look up its receipt with the receipt code.",
    ),
    "cancelled": ("This transfer was cancelled.", "Send again if that was a mistake."),
    "stopped": (
        "The hospital has refused this transfer.",
        "Call the hospital; the address file may be out of date.",
    ),
    "expired": (
        "This transfer was idle for too long and was removed.",
        "Send again from the start.",
    ),
    "blocked": (
        "The hospital does not take anything from this internet connection.",
        "Call the hospital.",
    ),
    "too_many_requests": (
        "The hospital's server is too busy.",
        "Try again in a few minutes; what has arrived is kept.",
    ),
    "too_many_open": (
        "Too many transfers are under way from this internet connection.",
        "Wait until one of them has finished.",
    ),
    "transfer_too_large": (
        "This is more than the hospital takes in one transfer.",
        "Send fewer studies at once, or call the hospital.",
    ),
    "source_limit": (
        "The hospital takes no more today from this internet connection.",
        "Try again tomorrow; what has arrived is kept.",
    ),
    "day_limit": (
        "The hospital takes no more today.",
        "Try again tomorrow; what has arrived is kept.",
    ),
    "not_accepting": (
        "The hospital takes nothing at the moment.",
        "Try again later; what has arrived is kept.",
    ),
    "store_full": (
        "The hospital's server has no space left.",
        "Try again later; what has arrived is kept. The hospital has been told.",
    ),
    "internal": (
        "The hospital's server has a fault.",
        "Try again later; what has arrived is kept.",
    ),
}
