"""What can go wrong with a booking, in the words of the domain; `main.py` gives each error its status."""
