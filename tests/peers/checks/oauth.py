"""The sandbox as an authorization server and an API, spoken to by npm's openid-client and jose."""

import time
from functools import partial

from bench import equal, holds

# openid-client signs with Ed25519 under the name of RFC 9864.
CLIENTS = ["RS256", "PS256", "ES256", "Ed25519"]


def checks(bench):
    keyfob = bench.keyfob()
    with keyfob.sandbox() as sandbox:
        for address in [sandbox.auth, sandbox.api]:
            holds(address in sandbox.said, f"{address} is not in what it prints:\n{sandbox.said}")
        for alg in CLIENTS:
            keyfob.run("keys", "new", client(alg), "--alg", alg)
            keyfob.run("register", client(alg), "--at", "sandbox")
            yield (
                f"OAuth: openid-client gets an access token with {alg}, and the API takes it",
                partial(is_granted, keyfob, sandbox, alg),
            )
        for title, check in [
            ("jose and fetch get an access token", by_hand),
            ("an assertion sent twice is refused", replayed),
            ("an assertion for another audience is refused", wrong_audience),
            ("an expired assertion is refused", expired),
            ("an assertion with an unknown kid is refused", unknown_kid),
            ("an assertion by another's key is refused", forged),
            ("a client that is not registered is refused", unknown_client),
            ("the API refuses no token, a changed one and one for another audience", api_refuses),
            ("the sandbox's log tells a refusal with its reason", logged),
        ]:
            yield f"OAuth: {title}", partial(check, keyfob, sandbox)


def client(alg):
    return f"client-{alg}"


def is_granted(keyfob, sandbox, alg):
    granted = with_openid_client(keyfob, sandbox, alg)
    expected = {"token_type": "bearer", "expires_in": 3600, "scope": "read"}
    equal(granted["members"], expected, "the answer")
    claims = granted["payload"]
    expected = {"iss": sandbox.auth, "sub": client(alg), "client_id": client(alg)}
    expected |= {"aud": sandbox.api, "scope": "read"}
    equal({name: claims[name] for name in expected}, expected, "the claims")
    equal(claims["exp"] - claims["iat"], 3600, "the lifetime in seconds")
    url = f"{sandbox.api}/protected"
    access = keyfob.bench.node("oauth.mjs", "access", url=url, accessToken=granted["accessToken"])
    body = {"message": "Protected resource accessed", "user": client(alg)}
    equal(access, {"status": 200, "body": body}, "the API's answer")


def by_hand(keyfob, sandbox):
    granted = ask(keyfob, sandbox, assertion(keyfob, sandbox))
    equal(granted["status"], 200, f"the status, with {granted['body']}")
    members = ["access_token", "token_type", "expires_in"]
    equal(list(granted["body"]), members, "the answer")


def replayed(keyfob, sandbox):
    proof = assertion(keyfob, sandbox, claims={"jti": "once"})
    equal(ask(keyfob, sandbox, proof)["status"], 200, "the first status")
    reason = "jti once was used before: make a fresh one each time"
    equal(ask(keyfob, sandbox, proof), invalid_client(reason), "the second answer")


def wrong_audience(keyfob, sandbox):
    proof = assertion(keyfob, sandbox, claims={"aud": "https://idp.example"})
    reason = f"aud is https://idp.example: it must be {sandbox.auth} or {sandbox.auth}/token"
    equal(ask(keyfob, sandbox, proof), invalid_client(reason), "the answer")


def expired(keyfob, sandbox):
    now = int(time.time())
    proof = assertion(keyfob, sandbox, claims={"iat": now - 120, "exp": now - 60})
    refused = ask(keyfob, sandbox, proof)
    reason = refused["body"].get("error_description", "")
    equal(refused, invalid_client(reason), "the answer")
    holds(reason.startswith("exp: "), reason)


def unknown_kid(keyfob, sandbox):
    proof = assertion(keyfob, sandbox, header={"kid": "nobody"})
    refused = ask(keyfob, sandbox, proof)
    reason = refused["body"].get("error_description", "")
    equal(refused, invalid_client(reason), "the answer")
    holds(reason.startswith("kid: "), reason)


def forged(keyfob, sandbox):
    stranger = keyfob.bench.keyfob()
    stranger.run("keys", "new", client("ES256"), "--alg", "ES256")
    proof = assertion(stranger, sandbox)
    refused = ask(keyfob, sandbox, proof)
    reason = refused["body"].get("error_description", "")
    equal(refused, invalid_client(reason), "the answer")
    holds(reason.startswith("signature: "), reason)


def unknown_client(keyfob, sandbox):
    proof = assertion(keyfob, sandbox, claims={"iss": "nobody", "sub": "nobody"})
    reason = "client nobody is not registered here"
    equal(ask(keyfob, sandbox, proof, "nobody"), invalid_client(reason), "the answer")


def api_refuses(keyfob, sandbox):
    access = partial(keyfob.bench.node, "oauth.mjs", "access", url=f"{sandbox.api}/protected")
    body = {"error": "Missing or invalid Authorization header"}
    equal(access(), {"status": 401, "body": body}, "the answer without a token")
    refused = {"status": 401, "body": {"error": "Invalid or expired token"}}
    token = with_openid_client(keyfob, sandbox, "ES256")["accessToken"]
    equal(access(accessToken=token)["status"], 200, "the status of the good one")
    header, payload, signature = token.split(".")
    letter = "B" if signature[0] == "A" else "A"
    changed = f"{header}.{payload}.{letter}{signature[1:]}"
    equal(access(accessToken=changed), refused, "the answer to a changed one")
    own = keyfob.run("mint", "--key", client("ES256"), "--aud", sandbox.api).stdout.strip()
    equal(access(accessToken=own), refused, "the answer to one of a key it does not know")
    resource = "https://other.example/api"
    others = with_openid_client(keyfob, sandbox, "ES256", resource=resource)
    equal(others["payload"]["aud"], resource, "the audience")
    answer = access(accessToken=others["accessToken"])
    equal(answer, refused, "the answer to one for another audience")


def logged(keyfob, sandbox):
    proof = assertion(keyfob, sandbox, claims={"aud": "https://log.example"})
    reason = ask(keyfob, sandbox, proof)["body"]["error_description"]
    holds("https://log.example" in reason, reason)
    [line] = sandbox.logged(lambda log: [line for line in log if "https://log.example" in line])
    _, said = " ".join(line.split()).split(" ", 1)
    equal(said, f"auth POST /token 401 invalid_client: {reason}", "the line after its time")


def with_openid_client(keyfob, sandbox, alg, resource=None):
    return keyfob.bench.node(
        "oauth.mjs",
        "discovered",
        issuer=sandbox.auth,
        client=client(alg),
        alg=alg,
        pkcs8=keyfob.private(client(alg), "pkcs8"),
        jwks=f"{sandbox.auth}/.well-known/jwks.json",
        api=sandbox.api,
        resource=resource,
    )


def assertion(keyfob, sandbox, header=None, claims=None):
    """By the ES256 client."""
    return keyfob.bench.node(
        "oauth.mjs",
        "assertion",
        client=client("ES256"),
        audience=sandbox.auth,
        alg="ES256",
        pkcs8=keyfob.private(client("ES256"), "pkcs8"),
        header=header or {},
        claims=claims or {},
    )


def ask(keyfob, sandbox, proof, client_id=client("ES256")):
    endpoint = f"{sandbox.auth}/token"
    node = keyfob.bench.node
    return node("oauth.mjs", "token", endpoint=endpoint, client=client_id, assertion=proof)


def invalid_client(reason):
    return {"status": 401, "body": {"error": "invalid_client", "error_description": reason}}
