"""What can go wrong with tasks, in the words of the domain; `main.py` gives each error its status."""
