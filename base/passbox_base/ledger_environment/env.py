"""What alembic runs for each program's migrations: on the connection it was handed, nothing else.

Why here: alembic needs such a file beside a template; the programs then hold revisions only.
"""

from alembic import context

# Batch mode: SQLite alters a table by copying it.
context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
