"""What the environment decides: the secret, which belongs in no log and no response."""
