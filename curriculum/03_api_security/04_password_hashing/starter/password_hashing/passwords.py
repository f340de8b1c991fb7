"""How passwords are stored. Still missing: the hashes of the older shops, and one form for each password."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# 19 MiB, two passes, one lane: one of five settings that OWASP's Password Storage Cheat Sheet calls equally strong.
hasher = PasswordHash([Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)])
