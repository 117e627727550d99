# Names that look dead to vulture and are not. Grouped by who uses them.
# Take a name out together with its code. Never add one for code that nobody calls yet: delete that code.
# ruff and mypy do not read this file; it is never run.

# requests and urllib3 read these from a session, an adapter or a pool.
_.trust_env
_.proxies
_.ca_certs
_.cert_reqs
_.get_redirect_target
_.cert_verify
_.ConnectionCls
cert
resp

# ssl and sqlite3 read these from a context or a connection.
_.num_tickets
_.isolation_level

# uvicorn reads and calls these on a server.
_.started
_.capture_signals

# Python calls __exit__ with three arguments, used or not.
trace

# pydicom and pynetdicom read attributes of a data set by their DICOM keyword.
_.QueryRetrieveLevel
_.StudyInstanceUID

# The entry of a bundled program calls it first (packaging/).
_.serve_if_asked
