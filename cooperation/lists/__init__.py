"""Lists at any size: an index in memory, facets, search, order, pages, files to take away."""
