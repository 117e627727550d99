"""What every program stands on: durable files, pack store, ledger, audit, TLS, settings, logs, mail."""
