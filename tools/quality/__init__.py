"""How well the product ranks, rung by rung, on every yardstick at hand: ``make quality``."""
