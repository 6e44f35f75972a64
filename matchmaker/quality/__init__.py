"""How good the product is, measured on files: rankings, calibration, languages; learning from decisions."""
