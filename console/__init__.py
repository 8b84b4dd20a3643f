"""Web pages for facilitators, analysts and admins, and what anyone may see without signing in."""
