"""`passbox site build`: the hospital's download page, as static files for its own web server.

Not for the DMZ host: whoever took that over could otherwise hand out a doctored client.
"""
