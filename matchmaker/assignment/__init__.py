"""Who meets whom when everybody is matched at once: arrays in, chosen pairs out. The one room that knows OR-tools."""
