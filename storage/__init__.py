"""MongoDB: the connection, the embedded first-run server, collections, indexes and queries.

The only package that knows the driver. Everything here works on a plain `mongod`, on a
replica set and on the embedded server alike.
"""
