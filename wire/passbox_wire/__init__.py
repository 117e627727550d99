"""The contract between Passbox programs; docs/contract.md and docs/formats/ say it in words.

Messages, routes, problems, state tables; the formats of pack, seal, inventory, manifest, receipt
and profile. Pure: bytes and values in, bytes and values out. No socket, file, clock, random source
of its own choosing or framework is imported here, so both ends of every link can be tested back to
back in memory. Admission rule: a thing lives here when two programs must agree on it, and only
then.
"""
