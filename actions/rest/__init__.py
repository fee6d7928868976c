"""Actions, their money and their results for programs; conventions with all of it."""
