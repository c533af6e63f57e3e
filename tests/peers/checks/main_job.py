"""From nothing to an accepted token by command line, with curl as the caller."""

import json
from functools import partial

from bench import Keyfob, curl, equal

ALGORITHMS = ["RS256", "ES256", "EdDSA"]

# Every field of the templates that are taken by default, so that nothing is left to be said.
CLAIMS = ["--sub", "jane.roe", "--iss", "https://issuer.test", "--aud", "https://api.test"]
CLAIMS += ["--claim", "name=Jane Roe", "--claim", "client_id=k"]


def checks(bench):
    for alg in ALGORITHMS:
        title = f"{alg}: init, keys new, sandbox, register, mint, curl, verify, unregister"
        yield title, partial(whole_job, bench, alg)


def whole_job(bench, alg):
    keyfob = Keyfob(bench)
    keyfob.run("init", "--no-passphrase")
    keyfob.run("keys", "new", "k", "--alg", alg)
    with keyfob.sandbox() as sandbox:
        said = keyfob.run("register", "k", "--at", "sandbox").stderr
        equal(said, "k at sandbox: registered, read back as k\n", "what register says")
        minted = keyfob.run("mint", "--key", "k", *CLAIMS)
        equal(minted.stderr, "", "what mint says")
        token = minted.stdout.strip()
        call = partial(curl, f"{sandbox.auth}/api/v1/profile")
        status, body = call("-H", f"Authorization: Bearer {token}")
        equal(status, 200, f"the status, with {body}")
        equal(json.loads(body)["userId"], "jane.roe", "the user")
        equal(keyfob.run("verify", token).stdout.splitlines()[0], "valid", "the verdict")
        said = keyfob.run("unregister", "k", "--at", "sandbox").stderr
        equal(said, "k at sandbox: is not there any more\n", "what unregister says")
        status, body = call("-H", f"Authorization: Bearer {token}")
        equal(status, 401, f"the status afterwards, with {body}")
        equal(json.loads(body)["detail"], "kid: k is not registered here", "the reason")
        verdict = keyfob.run("verify", token).stdout.splitlines()[0]
        equal(verdict, "valid", "keyfob's own verdict, which is about the signature")
        log = sandbox.logged(whole)
    one, profile = "/api/v1/entities/jwks/k", "GET /api/v1/profile"
    expected = ["POST /api/v1/entities/jwks 201", f"GET {one} 200", f"{profile} 200"]
    expected += [f"GET {one} 200", f"DELETE {one} 204", f"GET {one} 404", f"{profile} 401"]
    equal(log, expected, "the log")


def whole(log):
    """Method, path and status of each request to registry and profile, once the last is there."""
    lines = [line.split() for line in log if " auth " in line and "/api/v1/" in line]
    requests = [" ".join(words[2:5]) for words in lines]
    return requests if requests and requests[-1].endswith(" 401") else None
