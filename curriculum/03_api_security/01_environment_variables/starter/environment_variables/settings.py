"""What the environment should decide.

Still missing: all of it. These values, and the secrets in `links.py` and `payments.py`, are the same on every machine.
"""

SHOP_NAME = "Corner shop"
PAGE_SIZE = 20
GUEST_ORDERS = True
DATABASE_URL = "postgresql://shop:development-only@localhost/shop"
