"""keyfob's assertions as a grant of their own (RFC 7523 section 2.1), verified by npm's jose."""

import json
from functools import partial

from bench import Server, equal, holds

ACCOUNT = "keyfob@project.iam.gserviceaccount.com"
USER = "alice@example.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def checks(bench):
    keyfob = bench.keyfob()
    for kid in ["known", "unknown"]:
        keyfob.run("keys", "new", kid, "--alg", "RS256")
    expected = {"jwks": {"keys": [keyfob.jwk("known")]}, "issuer": ACCOUNT, "scope": SCOPE}
    for title, subject, check in [
        ("it grants a token to a service account made by template", ACCOUNT, is_granted),
        ("it grants one for a user whom the account acts for", USER, for_user),
        ("a key that it does not know is refused, with what to compare", ACCOUNT, unknown_key),
    ]:
        file = bench.file(json.dumps({**expected, "subject": subject}), ".json")
        words = ["node", bench.packages / "node/bearer.mjs", file]
        with Server(words, "listens on ") as server:
            url = server.said.rsplit("listens on ", 1)[1].strip()
            yield f"jose as a JWT bearer endpoint: {title}", partial(check, keyfob, f"{url}/token")


def added(keyfob, name, url, key, *options):
    words = ["--token-url", url, "--key", key, "--template", "google-jwt-bearer"]
    keyfob.run("clients", "add", name, *words, "--set", f"email={ACCOUNT}", *options)


def is_granted(keyfob, url):
    added(keyfob, "account", url, "known")
    said = json.loads(keyfob.run("--json", "token", "account").stdout)
    expected = {"access_token": f"opaque-for-{ACCOUNT}", "token_type": "Bearer", "expires_in": 3599}
    equal(said, expected, "the answer")


def for_user(keyfob, url):
    added(keyfob, "user", url, "known", "--subject", USER)
    equal(keyfob.run("token", "user").stdout, f"opaque-for-{USER}\n", "the token")


def unknown_key(keyfob, url):
    added(keyfob, "stranger", url, "unknown")
    said = keyfob.run("token", "stranger", codes=(5,)).stderr
    holds("refused: 400 invalid_grant: no applicable key found" in said, said)
    holds(f"may act for {ACCOUNT}, and has the key with the thumbprint" in said, said)
