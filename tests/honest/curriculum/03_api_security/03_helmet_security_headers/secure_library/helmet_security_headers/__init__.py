"""The shop with the library `secure`."""
