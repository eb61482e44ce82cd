"""What runs inside Rasa's own environment (CPython 3.10); imports nothing of the application."""
