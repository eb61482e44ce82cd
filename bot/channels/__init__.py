"""Channels: receive and send as pure translations; none of them knows what a topic is."""
