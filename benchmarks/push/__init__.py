"""A push to many at the platforms' pace, with faults and kills, while citizens chat."""
