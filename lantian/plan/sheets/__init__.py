"""The workbooks of a dispatch round: written for one area or agency, read back without running anything in them."""
