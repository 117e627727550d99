"""`passbox send`, `passbox receipt`: the client's core without a window."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from passbox.client_reports import (
    check_report_paths,
    print_receipt,
    print_result,
    receipt_json,
    result_json,
    save_reports,
)
from passbox.more_media import MoreMedia
from passbox.scan_command import PasswordOption
from passbox.speaking import (
    JsonOption,
    Language,
    LanguageOption,
    errors,
    language_of_this_computer,
    say,
    say_json,
)

if TYPE_CHECKING:
    from passbox_client.errors import ClientError
    from passbox_client.progress import SendProgress
    from passbox_client.proxies import ProxyChoice
    from passbox_wire.inventory import Consent
    from passbox_wire.profile import SignedProfile

_Path = Annotated[Path, typer.Argument(help="A disc drive, a folder or a ZIP file.")]
_Profile = Annotated[
    Path, typer.Option(envvar="PASSBOX_PROFILE", help="The hospital's name.passbox.")
]
_MoreMedia = Annotated[
    list[Path] | None,
    typer.Option("--more-media", help="A further disc of the same transfer. Repeatable."),
]
_Reports = Annotated[
    list[Path] | None,
    typer.Option(
        "--report", help="Save the report here as well: FILE.pdf or FILE.json. Repeatable."
    ),
]
_Proxy = Annotated[
    str,
    typer.Option(help="HOST:PORT of a proxy, or direct; what the system says without it."),
]
_State = Annotated[
    Path | None,
    typer.Option("--state", help="Where an unfinished transfer is remembered (no patient data)."),
]


def send(  # noqa: PLR0913  # the options of a command are its arguments
    path: _Path,
    *,
    profile: _Profile,
    sender_name: Annotated[str, typer.Option(help="Who sends; the hospital calls back.")] = "",
    sender_email: Annotated[str, typer.Option(help="The sender's mail address.")] = "",
    sender_phone: Annotated[str, typer.Option(help="The sender's telephone number.")] = "",
    message: Annotated[str, typer.Option(help="A word to the hospital, sealed.")] = "",
    recipient: Annotated[str, typer.Option(help="Mail address of who is to be told.")] = "",
    department: Annotated[str, typer.Option(help="One of the profile's departments.")] = "",
    patient: Annotated[
        list[str] | None, typer.Option(help="Send only the patient with this ID. Repeatable.")
    ] = None,
    all_patients: Annotated[
        bool, typer.Option("--all-patients", help="Send everybody who is on the disc.")
    ] = False,
    documents: Annotated[
        bool, typer.Option("--documents", help="Send documents and pictures without any image.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the transfer of this disc.")
    ] = False,
    more_media: _MoreMedia = None,
    next_disc: Annotated[
        bool, typer.Option("--next-disc", help="Ask for further discs in the same drive.")
    ] = False,
    password: PasswordOption = None,
    proxy: _Proxy = "",
    most_mbit: Annotated[
        float | None,
        typer.Option("--most-mbit", min=0.1, help="Send no faster than this, in Mbit/s."),
    ] = None,
    report: _Reports = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
    state: _State = None,
) -> None:
    """Send a disc to a hospital, sealed, and wait for its signed receipt.

    Using it means that the privacy statement of the profile was read: `passbox profile show`. More
    than one patient on a disc is a question: answer it with --patient or --all-patients. Further
    discs of the same patient go along with --more-media or --next-disc. Exit code 0 only if the
    hospital has signed that every image is there.
    """
    from passbox_base.clocks import SystemClock
    from passbox_client.errors import ClientError
    from passbox_client.profiles import load_profile
    from passbox_client.report import report_of_sending
    from passbox_client.review import Selection
    from passbox_client.send import send as send_medium
    from passbox_wire.inventory import Sender

    language = lang or language_of_this_computer()
    signed: SignedProfile | None = None
    try:
        check_report_paths(report)
        signed = load_profile(profile, SystemClock())
        with _Bars() as bars:
            result = send_medium(
                path,
                signed,
                sender=Sender(sender_name, sender_email, sender_phone, message),
                recipient=recipient,
                department=department,
                selection=Selection(frozenset(patient or ()), all_patients, documents=documents),
                language=language,
                consent=_consent(signed, language),
                password=password,
                proxy=_proxy_choice(proxy),
                most_mbit=most_mbit,
                resume=resume,
                next_medium=MoreMedia(path, more_media or (), language, ask=next_disc).next,
                state_folder=state or _state_folder(),
                progress=bars.tell,
            )
    except ClientError as error:
        raise _told(error, signed, language) from error
    if as_json:
        say_json(result_json(result, language))
    else:
        print_result(result, language)
    if result.trouble is not None:
        say(sentences_for(result.trouble, signed, language))
    if report:
        sent = report_of_sending(result, signed.profile, SystemClock().now())
        save_reports(sent, report, language)
    raise typer.Exit(result.exit_code)


def receipt(
    code: Annotated[str, typer.Argument(help="The receipt code, as printed.")],
    *,
    profile: _Profile,
    proxy: _Proxy = "",
    report: _Reports = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
    state: _State = None,
) -> None:
    """Say what became of a transfer: received, delivered, in the PACS, or refused because.

    The code opens the report on this computer; the hospital's DMZ learns nothing from the question.
    """
    from passbox_base.clocks import SystemClock
    from passbox_client.errors import ClientError
    from passbox_client.line import connect
    from passbox_client.profiles import load_profile
    from passbox_client.receipts import look_up
    from passbox_client.report import report_of_receipt
    from passbox_wire.codes import parse_receipt_code

    language = lang or language_of_this_computer()
    signed: SignedProfile | None = None
    try:
        check_report_paths(report)
        signed = load_profile(profile, SystemClock())
        line = connect(signed.profile, proxy=_proxy_choice(proxy))
        verified = look_up(code, signed, receiver=line, state_folder=state or _state_folder())
    except ClientError as error:
        raise _told(error, signed, language) from error
    told = report_of_receipt(
        verified, parse_receipt_code(code), signed.profile, SystemClock().now()
    )
    if as_json:
        say_json(receipt_json(verified, language))
    else:
        print_receipt(told, language)
    if report:
        save_reports(told, report, language)


def sentences_for(
    error: "ClientError", profile: "SignedProfile | None", language: Language | None = None
) -> str:
    """Return what happened, what to do, whom to call and the code, in the person's language."""
    from passbox_client import sentences

    phone = profile.profile.phone if profile else ""
    sentence = str(sentences.of_error(error, language or language_of_this_computer()))
    return f"{sentence} {profile.profile.hospital}: {phone}" if profile and phone else sentence


def _told(error: "ClientError", profile: "SignedProfile | None", language: Language) -> typer.Exit:
    say(sentences_for(error, profile, language))
    return typer.Exit(error.exit_code)


def _proxy_choice(proxy: str) -> "ProxyChoice":
    """Return what was said, or what this computer says; PAC where the window's parts are there."""
    from passbox_client.gui.system_proxies import system_says
    from passbox_client.proxies import ProxyChoice

    return ProxyChoice(proxy or None, system_says)


def _consent(signed: "SignedProfile", language: Language) -> "Consent | None":
    import time

    from passbox_client.profiles import texts_of
    from passbox_wire import inventory

    texts = texts_of(signed, language)
    if texts is None:
        return None
    return inventory.Consent(texts.privacy_version, texts.language, int(time.time()))


def _state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("passbox", appauthor=False)


class _Bars:
    """One bar of bytes on standard error while sending."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:9}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
        )
        self._task = self._progress.add_task("opening", total=None)

    def tell(self, sent: "SendProgress") -> None:
        self._progress.update(
            self._task,
            description=sent.phase.value,
            completed=sent.bytes_read,
            total=sent.bytes_total,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
