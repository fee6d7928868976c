"""Lists of conventions, and of what belongs to them."""
