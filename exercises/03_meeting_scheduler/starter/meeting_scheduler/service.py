"""The rules of the slots; they know no HTTP."""
