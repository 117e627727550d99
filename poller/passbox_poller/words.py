"""The words of mails, German and English.

Fixed: nothing a sender or the DMZ wrote is ever among them.

Numbers and the link are put in by name; everything else on a page or in a mail is written here.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from passbox_wire.inner.receiver import AlarmKind


class Language(StrEnum):
    """Languages mails are written in."""

    GERMAN = "de"
    ENGLISH = "en"


class Notice(NamedTuple):
    """The mail about a delivery; ``complete`` or ``partial`` opens it, ``look`` leads the link."""

    subject: str
    complete: str
    partial: str
    look: str
    button: str
    unverified: str
    phone: str
    closing: str


NOTICES: Final = {
    Language.GERMAN: Notice(
        subject="Neue Bilder von außerhalb",
        complete="Bilder von außerhalb sind vollständig angekommen und können angesehen werden.",
        partial="Bilder von außerhalb sind angekommen, aber nicht vollständig. "
        "Was fehlt, steht auf der Seite.",
        look="Ansehen:",
        button="Bilder ansehen",
        unverified="Der Absender ist nicht überprüft. "
        "Die Bilder sind nicht zur Befundung bestimmt.",
        phone="Kontrollcode für einen Rückruf: {code}",
        closing="Diese Nachricht wurde automatisch verschickt "
        "und enthält keine Angaben zu Patienten.",
    ),
    Language.ENGLISH: Notice(
        subject="New images from outside",
        complete="Images from outside have arrived completely and can be looked at.",
        partial="Images from outside have arrived, but not all of them. "
        "The page tells what is missing.",
        look="Look at them:",
        button="Look at the images",
        unverified="The sender is not verified. The images are not for primary diagnosis.",
        phone="Check code for a call back: {code}",
        closing="This message was sent automatically and contains nothing about patients.",
    ),
}


class Digest(NamedTuple):
    """The mail about several deliveries at once; ``opening`` counts them."""

    subject: str
    opening: str
    look: str
    button: str
    unverified: str
    closing: str


DIGESTS: Final = {
    Language.GERMAN: Digest(
        subject="Neue Bilder von außerhalb",
        opening="In kurzer Zeit kamen viele Bilder von außerhalb an. "
        "Diese Nachricht steht für {count} Sendungen auf einmal.",
        look="Posteingang öffnen:",
        button="Posteingang öffnen",
        unverified=NOTICES[Language.GERMAN].unverified,
        closing=NOTICES[Language.GERMAN].closing,
    ),
    Language.ENGLISH: Digest(
        subject="New images from outside",
        opening="Many images from outside arrived within a short time. "
        "This message stands for {count} transfers at once.",
        look="Open the inbox:",
        button="Open the inbox",
        unverified=NOTICES[Language.ENGLISH].unverified,
        closing=NOTICES[Language.ENGLISH].closing,
    ),
}


class StandstillWords(NamedTuple):
    """The mail about transfers that stand still; no link: there is nothing to look at yet."""

    subject: str
    opening: str
    waiting: str
    release: str
    closing: str


STANDSTILLS: Final = {
    Language.GERMAN: StandstillWords(
        subject="Bilder von außerhalb: Übertragung steht still",
        opening="Seit mehr als {minutes} Minuten kommt von {count} begonnenen Übertragungen "
        "nichts mehr an.",
        waiting="Zu tun ist nichts: Geht eine Übertragung weiter, wird sie von selbst "
        "fertig, und Sie bekommen die Nachricht darüber. Bis dahin ist nichts davon zu sehen.",
        release="Wird sofort gebraucht, was schon da ist, lässt es sich im Eingang der "
        "Abteilung freigeben, oder die IT gibt es frei:",
        closing=NOTICES[Language.GERMAN].closing,
    ),
    Language.ENGLISH: StandstillWords(
        subject="Images from outside: a transfer stands still",
        opening="For more than {minutes} minutes nothing has come of {count} transfers that "
        "were begun.",
        waiting="You need not do anything: when a transfer goes on it completes by itself, and "
        "you get the message about it. Until then nothing of it can be seen.",
        release="If what is already here is needed at once, it can be released in the inbox of "
        "the department, or the IT department releases it:",
        closing=NOTICES[Language.ENGLISH].closing,
    ),
}


class AlarmWords(NamedTuple):
    """The mail to the admins."""

    subject: str
    opening: str
    silent: str
    back: str
    counts: str
    kinds: dict[AlarmKind, str]


ALARMS: Final = {
    Language.GERMAN: AlarmWords(
        subject="Passbox: Alarm",
        opening="Der Empfänger in der DMZ meldet:",
        silent="Der Empfänger in der DMZ antwortet seit {minutes} Minuten nicht. "
        "Bis er es tut, kommt nichts herein.",
        back="Der Empfänger in der DMZ antwortet wieder.",
        counts="benutzt {used}, Grenze {limit}",
        kinds={
            AlarmKind.SOFT_LIMIT: "Die weiche Tagesgrenze ist überschritten.",
            AlarmKind.HARD_LIMIT: "Die harte Tagesgrenze ist erreicht.",
            AlarmKind.ACCEPTANCE_STOPPED: "Die Annahme ist angehalten.",
            AlarmKind.STORE_NEARLY_FULL: "Der Speicher ist fast voll.",
            AlarmKind.WAITING_TOO_LONG: "Eine Sendung wartet zu lange auf die Abholung.",
            AlarmKind.POLLER_SILENT: "Die Abholung war ausgeblieben.",
            AlarmKind.TEST: "Das ist ein Probealarm.",
        },
    ),
    Language.ENGLISH: AlarmWords(
        subject="Passbox: alarm",
        opening="The receiver in the DMZ reports:",
        silent="The receiver in the DMZ has not answered for {minutes} minutes. "
        "Until it does, nothing comes in.",
        back="The receiver in the DMZ answers again.",
        counts="used {used}, limit {limit}",
        kinds={
            AlarmKind.SOFT_LIMIT: "The soft limit of the day is passed.",
            AlarmKind.HARD_LIMIT: "The hard limit of the day is reached.",
            AlarmKind.ACCEPTANCE_STOPPED: "Acceptance is stopped.",
            AlarmKind.STORE_NEARLY_FULL: "The store is nearly full.",
            AlarmKind.WAITING_TOO_LONG: "A transfer has been waiting too long to be fetched.",
            AlarmKind.POLLER_SILENT: "The receiver had not been polled.",
            AlarmKind.TEST: "This is a test alarm.",
        },
    ),
}
