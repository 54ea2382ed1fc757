"""The room has no tables of its own: users are adgang's, the trail is spor's."""
