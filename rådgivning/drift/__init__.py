"""Running it: commands, start-up checks, the demo, health."""
