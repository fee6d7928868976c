"""What reports say, as plain facts: definitions, key figures, entries, inventory, bilan."""
