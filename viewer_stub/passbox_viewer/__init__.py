"""The inside: temporary store, pages, and forwarding to the PACS on request."""
