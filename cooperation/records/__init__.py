"""What every record has: two gates, a version, clean text, a history, a public name."""
