"""What every program stands on: durable files, packs, ledger, audit, TLS, settings, logs, mail."""
