"""The shop in plain SQL: the tables as statements, a connection for each request, and no ORM."""
