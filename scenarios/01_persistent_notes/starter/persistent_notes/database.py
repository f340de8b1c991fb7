"""The engine, the tables' creation, and a session for each request.

`settings.database_url` says where the database is. Nothing here knows what a note is, or what is
asked over HTTP.
"""
