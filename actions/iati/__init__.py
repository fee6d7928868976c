"""The registry as IATI 2.03 files: what other programs for aid data read and give."""
