"""From a user to a variant: pure functions, which give the same in every process and in every year."""
