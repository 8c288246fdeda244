"""The meeting-room screen."""
