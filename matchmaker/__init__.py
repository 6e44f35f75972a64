"""Who suits whom: the matching product. No HTTP and no vendor's vectors in here."""

__version__ = "0.1.0"
