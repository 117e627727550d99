"""A code as a square of dots that telephones read."""

import io


def qr_png(text: str) -> bytes:
    """Return the QR code of a text as PNG, black on white with its quiet zone."""
    import segno  # not before there is a receipt

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=6, border=4)
    return out.getvalue()
