"""The shop in plain SQL, on a connection for each request."""
