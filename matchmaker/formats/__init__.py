"""How members and pairs look outside: in files and in request bodies."""
