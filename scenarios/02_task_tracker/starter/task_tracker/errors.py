"""What can go wrong in the domain, such as a `NotFoundError`; `problems.py` gives each error its status."""
