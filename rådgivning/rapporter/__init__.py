"""Protected figures as files. Nothing here sees a true count: a release is all that comes in."""
