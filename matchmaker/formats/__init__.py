"""How members, pairs, decisions and rules look outside: in files and in request bodies."""
