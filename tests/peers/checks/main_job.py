"""From nothing to an accepted token by command line, with curl as the caller."""

import json
from functools import partial

from bench import Keyfob, curl, equal, holds

ALGORITHMS = ["RS256", "ES256", "EdDSA"]


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
        minted = keyfob.run("mint", "--key", "k", "--sub", "jane.roe")
        equal(minted.stderr, "", "what mint says")
        token = minted.stdout.strip()
        call = partial(curl, f"{sandbox.auth}/api/v1/profile")
        status, body = call("-H", f"Authorization: Bearer {token}")
        equal(status, 200, f"the status, with {body}")
        equal(json.loads(body)["userId"], "jane.roe", "the user")
        verdict = keyfob.run("verify", token).stdout
        equal(verdict.splitlines()[0], "valid", "the verdict")
        said = keyfob.run("unregister", "k", "--at", "sandbox").stderr
        equal(said, "k at sandbox: is not there any more\n", "what unregister says")
        status, body = call("-H", f"Authorization: Bearer {token}")
        equal(status, 401, f"the status afterwards, with {body}")
        equal(json.loads(body)["detail"], "kid: k is not registered here", "the reason")
        equal(keyfob.run("verify", token).stdout, verdict, "the verdict afterwards")
    seen = [" ".join(line.split()[2:5]) for line in sandbox.log if "/api/v1/" in line]
    profile = "GET /api/v1/profile"
    calls = [line for line in seen if profile in line]
    equal(calls, [f"{profile} 200", f"{profile} 401"], "the log")
    holds("POST /api/v1/entities/jwks 201" in seen, f"the log is {seen}")
