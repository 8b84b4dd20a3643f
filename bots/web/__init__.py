"""The web chat's parts: the page, the frames of its socket, the visitors and their files."""
