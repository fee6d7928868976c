"""Where programs read and write: the machinery of the API, whatever the resource."""
