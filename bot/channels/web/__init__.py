"""The web channel: the widget, its API and the plain page."""
