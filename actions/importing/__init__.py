"""Lists with amounts and actions."""
