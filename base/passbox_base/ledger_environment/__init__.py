"""The folder alembic looks into: see env.py."""
