"""The inside: dials out, opens and checks packs, delivers, signs receipts, mails."""
