"""A browser in words, for the list of own sessions: "Chromium på Linux"."""

from __future__ import annotations

from typing import Final

# The first that is found counts: Edge also calls itself Chrome, Chrome also Safari, Android also Linux.
_BROWSERE: Final = (
    ("Microsoft Edge", "Edge"),
    ("Edg", "Edge"),
    ("Opera", "Opera"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Google Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ('"Chromium"', "Chromium"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMER: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def enhed(user_agent: str, brands: str = "") -> str:
    """The device in words from the headers User-Agent and Sec-CH-UA; only words of ours, never the browser's text."""
    text = f"{brands} {user_agent}"
    browser = next((name for sign, name in _BROWSERE if sign in text), "Ukendt browser")
    system = next((name for sign, name in _SYSTEMER if sign in text), "")
    return f"{browser} på {system}" if system else browser
