"""The password of those who sign in."""

PASSWORD = "girafe verte lundi soir"
