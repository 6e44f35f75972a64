"""How good the product is, measured on files: rankings, calibration, parity of the languages."""
