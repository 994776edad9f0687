"""Signs schemathesis in, and again before an access token is over (15 minutes)."""

import json
import os
import urllib.request

import schemathesis


@schemathesis.auth(refresh_interval=600)
class SignedIn:
    """The sign-in that `.ci/probe-api` names, as a Bearer token."""

    def get(self, case, context):
        """A fresh access token."""
        sign_in = os.environ["PROBE_SIGN_IN"].encode()
        login = f"{os.environ['PROBE_URL']}/api/v1/auth/login"
        request = urllib.request.Request(login, sign_in, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]["access_token"]

    def set(self, case, data, context):
        """Sends it."""
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
