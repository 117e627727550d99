"""The window: a thin skin that draws a WindowState and passes on what a person does.

It decides nothing: what follows from a click is in passbox_client.window, which runs without Qt.
Foreign text is shown as plain text only.
"""
