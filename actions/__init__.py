"""Rasa custom actions by flow: read slots, call one domain function, set slots, say text keys.

They run inside the application (``bot/conversation/action_server.py``); the engine calls them over loopback.
"""
