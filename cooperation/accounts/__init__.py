"""People's accounts: how they sign in, what guessing meets, how a password is chosen and changed."""
