"""The products of a small shop, which pages of other origins may use if the shop trusts them."""
