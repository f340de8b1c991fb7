"""The file of the experiments: read at the start, and again whenever its content changes.

`settings.experiments_file` is its path. Requests run in several threads at once.
"""
