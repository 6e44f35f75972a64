"""Use cases: one file each, a small class whose fields are its collaborators."""
