"""What the window shows and what a person may do in it, without a window: states and intentions.

    skin (gui/) ── intention ──▶ presenter ── job ──▶ threads (scan, pictures, send, look-up)
        ◀─────── state ────────      ◀───── event ───────┘

Everything here runs without Qt; the skin draws a WindowState and nothing else.
"""
