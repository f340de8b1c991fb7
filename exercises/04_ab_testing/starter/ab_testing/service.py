"""From a user to a variant: pure functions, whose results are the same in every process and in every year.

They know no HTTP and no file, so you can call them in a Python shell and test every edge of every share.
"""
