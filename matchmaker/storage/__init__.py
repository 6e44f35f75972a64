"""Where records are kept. The only rooms that know SQLAlchemy."""
