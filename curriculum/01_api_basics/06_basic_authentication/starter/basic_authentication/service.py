"""Passwords and credentials: the rules that know no HTTP. Decoding the credentials is yours to write."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# Argon2id with 19 MiB for each hash: slow enough for a thief, and quick enough for a login.
hasher = PasswordHash([Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)])
