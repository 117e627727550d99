"""What every program stands on: durable files, ledger, pinned TLS, settings and logs."""
