"""Right solutions in other styles than the references', and the command that grades all of them."""
