"""Wrong versions of the references that no small edit gives, and attacks; and the command that judges all of them."""
