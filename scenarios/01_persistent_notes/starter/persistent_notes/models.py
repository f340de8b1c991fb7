"""The shapes of a note: what a client sends, what the table holds, and what a client gets back.

Nothing here knows of HTTP, and nothing here opens the database.
"""
