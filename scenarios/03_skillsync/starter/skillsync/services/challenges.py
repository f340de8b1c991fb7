"""The rules of challenges: creating, changing, completing and finding them."""
