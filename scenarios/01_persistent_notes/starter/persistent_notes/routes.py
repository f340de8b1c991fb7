"""The paths of the notes: what is asked, what is answered, and with which status.

Nothing here opens the database: a session comes from `database`.
"""
