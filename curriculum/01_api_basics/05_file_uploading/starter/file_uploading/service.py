"""The types and names of files, and where they are stored: the rules that know no HTTP.

All of it is yours: telling the type of a file, cleaning its name, storing it, finding it again.
"""
