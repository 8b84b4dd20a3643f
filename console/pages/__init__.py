"""The console's pages, one subject a module; each has its `routes`."""
