import pytest

from passbox_dicom.text import decode, plain

CYRILLIC = "\u041b\u044e\u0434\u043c\u0438\u043b\u0430"


@pytest.mark.parametrize(
    ("terms", "raw", "shown"),
    [
        (("ISO_IR 100",), "Müller^Jörg".encode("latin-1"), "Müller^Jörg"),
        (("ISO_IR 144",), CYRILLIC.encode("iso8859-5"), CYRILLIC),
        (("ISO_IR 126",), "Διονυσιος".encode("iso8859-7"), "Διονυσιος"),
        (("ISO_IR 192",), "Wang^小东".encode(), "Wang^小东"),
        (
            ("", "ISO 2022 IR 87"),
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            "Yamada^Tarou=山田^太郎",
        ),
        (("GB18030",), "王^小东".encode("gb18030"), "王^小东"),
    ],
)
def test_declared_character_sets_are_shown_right(
    terms: tuple[str, ...], raw: bytes, shown: str
) -> None:
    """Names in the declared set are shown as meant and are no guess."""
    assert decode(raw, terms, person_name=True) == (shown, False)


@pytest.mark.parametrize(
    ("terms", "raw", "shown"),
    [
        (("ISO_IR 100",), "Müller".encode(), "Müller"),
        (("ISO_IR 192",), "Müller".encode("latin-1"), "Müller"),
        ((), "Müller".encode(), "Müller"),
        ((), "Müller".encode("latin-1"), "Müller"),
        (("WRONG",), "Müller".encode("latin-1"), "Müller"),
        (("ISO_IR 100", "ISO 2022 IR 999"), b"\x1b(QM\xfcller", None),
    ],
)
def test_wrongly_declared_sets_are_a_guess(
    terms: tuple[str, ...], raw: bytes, shown: str | None
) -> None:
    """UTF-8 declared as Latin-1, the reverse, and nothing declared are shown likely, as a guess."""
    text, is_a_guess = decode(raw, terms)
    assert is_a_guess
    assert shown is None or text == shown


def test_no_name_can_forge_a_line_or_turn_a_sentence() -> None:
    """Control and direction characters become a visible mark (D7, E4)."""
    raw = "a\nb\u202ec\x1b[31m".encode()
    shown = decode(raw, ("ISO_IR 192",)).text
    assert "\n" not in shown
    assert "\u202e" not in shown
    assert plain(b"1.2\r\n.3") == "1.2\ufffd\ufffd.3"


def test_a_value_is_shown_at_most_so_long() -> None:
    """Endless text is cut."""
    assert len(decode(b"x" * 100_000, ()).text) == 1024
