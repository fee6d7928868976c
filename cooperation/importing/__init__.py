"""Lists that exist already: read, matched, previewed, written as a whole, undone as a whole."""
