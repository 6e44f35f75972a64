"""How letters leave the house. Knows messages and mail servers; knows no member."""
