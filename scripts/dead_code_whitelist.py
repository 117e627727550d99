# Names that look dead to vulture and are not. One line each, with who uses it.
# (A name on this list must still exist in the code: take it out together with its code.)
