"""Addresses and log-ins of the demo city that scripts/clients.sh starts."""

import json
import os
import sys
import urllib.request

BASE = os.environ["BASE_URL"].rstrip("/")
SCRATCH = os.environ.get("SCRATCH", ".")


def log_in(name: str) -> str:
    """The cookie of a session of this account, as a header's value."""
    password = os.environ[f"{name.upper()}_PASSWORD"]
    request = urllib.request.Request(
        f"{BASE}/api/v1/session",
        data=json.dumps({"name": name, "password": password}).encode(),
        headers={"Content-Type": "application/json", "X-Sanggan": "1"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["Set-Cookie"].split(";")[0]


def get(path: str, cookie: str | None = None, accept: str = "application/json"):
    """The JSON at a path of the platform, or at a whole address."""
    url = path if path.startswith("http") else BASE + path
    headers = {"Accept": accept} | ({"Cookie": cookie} if cookie else {})
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return json.load(answer)


if __name__ == "__main__":
    print(log_in(sys.argv[1]))
