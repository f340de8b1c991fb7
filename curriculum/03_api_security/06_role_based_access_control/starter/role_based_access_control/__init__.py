"""A shop whose users, moderators and admins may do different things."""
