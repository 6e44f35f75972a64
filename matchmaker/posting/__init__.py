"""How messages leave over HTTPS. Knows sockets and certificates; knows no member and no database."""
