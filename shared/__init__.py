"""The toolkit of the course's apps: four small modules, each to be read in a few minutes.

- `shared.text`: a string type that refuses the empty and the blank.
- `shared.money`: the type of a price, exact to the cent.
- `shared.database`: an engine for SQLite or PostgreSQL, a row by a key of any size, and the time. It needs `sqlmodel`.
- `shared.problems`: errors as RFC 9457 problem details.

It is imported by module, so an app needs installed only what it uses.
"""
