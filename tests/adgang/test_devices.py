"""A browser in words."""

from __future__ import annotations

import pytest

from rådgivning.adgang.devices import enhed

LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
ANDROID = "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) {} Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {}"


@pytest.mark.parametrize(
    ("user_agent", "brands", "words"),
    [
        (LINUX, '"Chromium";v="156", "Not_A Brand";v="24"', "Chromium på Linux"),
        (LINUX, '"Chromium";v="156", "Google Chrome";v="156"', "Chrome på Linux"),
        (LINUX, "", "Chrome på Linux"),
        (LINUX.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64") + " Edg/156.0", "", "Edge på Windows"),
        (ANDROID.format("Chrome/156.0.0.0"), "", "Chrome på Android"),
        (ANDROID.format("SamsungBrowser/27.0 Chrome/121.0"), "", "Samsung Internet på Android"),
        (IPHONE.format("Version/18.0 Mobile/15E148 Safari/604.1"), "", "Safari på iPhone"),
        (IPHONE.format("FxiOS/130.0 Mobile/15E148 Safari/605.1.15"), "", "Firefox på iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "", "Firefox på Mac"),
        ("", "", "Ukendt browser"),
        ("<script>Zxq Prøvesen</script>" * 50, "", "Ukendt browser"),
    ],
)
def test_a_browser_is_named_in_words_of_ours(user_agent: str, brands: str, words: str) -> None:
    assert enhed(user_agent, brands) == words
