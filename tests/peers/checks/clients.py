"""Clients that others wrote against the sandbox, and keyfob's own against the Node.js article's
servers: the API of each side behind the authorization server of the other."""

import os
import pathlib
import time
from functools import partial

from bench import CheckFailed, Server, equal, holds, run

PROTECTED = "Protected resource accessed"
COMPOSE = pathlib.Path(__file__).parents[3] / "assets/compose.yaml"


def checks(bench):
    keyfob = bench.keyfob()
    with keyfob.sandbox() as sandbox:
        for alg in ["RS256", "ES256"]:
            keyfob.run("keys", "new", alg, "--alg", alg)
            keyfob.run("register", alg, "--at", "sandbox")
            yield f"Clients: jose and axios with {alg}", partial(standard, keyfob, sandbox, alg)
            yield f"Clients: Python's authlib with {alg}", partial(authlib, keyfob, sandbox, alg)
        for title, check in [
            ("njwt, as a gateway's client: no kid, scopes, and /headers shows the token", gateway),
            ("openid-client registers itself, introspects and revokes", registered),
        ]:
            yield f"Clients: {title}", partial(check, keyfob, sandbox)
    yield "Clients: the Node.js article's, four servers in every pairing", partial(pairings, bench)
    yield "Clients: the article's client and a strict server", partial(strict, bench)
    yield "docker-compose reads the compose file", composed


def standard(keyfob, sandbox, alg):
    said = node(
        keyfob,
        "standard",
        issuer=sandbox.auth,
        api=sandbox.api,
        client=alg,
        alg=alg,
        pkcs8=keyfob.private(alg, "pkcs8"),
    )
    equal(said["granted"]["status"], 200, f"the status, with {said['granted']['body']}")
    equal(said["access"], opened(alg), "the API's answer")


def authlib(keyfob, sandbox, alg):
    # Its sessions take plain http for loopback only when told so.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oauth2.rfc7523 import PrivateKeyJWT
    from joserfc.jwk import ECKey, RSAKey

    kind = {"RS256": RSAKey, "ES256": ECKey}[alg]
    key = kind.import_key(keyfob.private(alg, "pkcs8"))
    endpoint = f"{sandbox.auth}/token"

    def session(claims):
        method = PrivateKeyJWT(endpoint, claims=claims, headers={"kid": alg}, alg=alg)
        session = OAuth2Session(alg, key, token_endpoint_auth_method=method.name)
        session.trust_env = False
        session.register_client_auth_method(method)
        return session

    grant = {"url": endpoint, "grant_type": "client_credentials", "scope": "read"}
    # Unless told otherwise its assertions live an hour.
    try:
        session({}).fetch_token(**grant)
    except OAuthError as error:
        reason = "the assertion lives 60 min: at most 5 min are accepted"
        equal((error.error, error.description), ("invalid_client", reason), "the refusal")
    else:
        raise CheckFailed("an assertion of an hour was taken")
    session = session({"exp": int(time.time()) + 60})
    token = session.fetch_token(**grant)
    equal((token["token_type"], token["scope"]), ("Bearer", "read"), "the token")
    answer = session.get(f"{sandbox.api}/protected")
    equal({"status": answer.status_code, "body": answer.json()}, opened(alg), "the API's answer")


def gateway(keyfob, sandbox):
    said = node(
        keyfob,
        "gateway",
        issuer=sandbox.auth,
        endpoint=f"{sandbox.auth}/token",
        api=sandbox.api,
        client="RS256",
        pem=keyfob.private("RS256", "pkcs1"),
    )
    equal(said["header"], {"typ": "JWT", "alg": "RS256"}, "the assertion's header")
    equal(said["granted"]["status"], 200, f"the status, with {said['granted']['body']}")
    equal(said["granted"]["body"]["scope"], "openid", "the scope")
    shown = said["headers"]["body"]["headers"]["authorization"]
    equal(shown, f"Bearer {said['granted']['body']['access_token']}", "the token shown back")


def registered(keyfob, sandbox):
    said = node(
        keyfob,
        "registered",
        issuer=sandbox.auth,
        api=sandbox.api,
        token="sandbox",
        alg="ES256",
        jwk=keyfob.jwk("ES256"),
        pkcs8=keyfob.private("ES256", "pkcs8"),
    )
    equal(said["access"], opened(said["client"]), "the API's answer")
    active = {"active": True, "client_id": said["client"], "scope": "read", "aud": sandbox.api}
    equal({name: said["before"][name] for name in active}, active, "the introspection")
    equal(said["after"], {"active": False}, "the introspection after the revocation")


def pairings(bench):
    """Two authorization servers of the article's kind, two APIs behind each, two clients."""
    keyfob = bench.keyfob()
    keys = bench.path("-keys")
    keyfob.run("sandbox", "bootstrap", keys)
    keyfob.run("keys", "import", keys / "private_key.pem", "--kid", "client-key")
    pkcs8 = (keys / "private_key.pem").read_text()
    for name, auth in [
        ("ours", ours(keyfob, "auth", "--auth", "127.0.0.1:0", "--lenient", "--keys", keys)),
        ("theirs", theirs(bench, "auth", keys)),
    ]:
        with auth:
            issuer = address(auth)
            jwks = f"{issuer}/.well-known/jwks.json"
            behind = ["--issuer", "auth", "--audience", "api", "--lenient", "--jwks-url", jwks]
            keyfob.run(
                *["clients", "add", name, "--token-url", f"{issuer}/token", "--client-id"],
                *["client", "--key", "client-key", "--audience", "auth"],
            )
            for api in [
                ours(keyfob, "api", "--api", "127.0.0.1:0", *behind),
                theirs(bench, "api", jwks),
            ]:
                with api:
                    url = address(api)
                    endpoint = f"{issuer}/token"
                    said = node(keyfob, "article", endpoint=endpoint, api=url, pkcs8=pkcs8)
                    equal(said["access"], opened("client"), f"with {auth.words} and {api.words}")
                    called = keyfob.run("call", name, f"{url}/protected")
                    holds(PROTECTED in called.stdout, called.stdout)


def strict(bench):
    keyfob = bench.keyfob()
    keys = bench.path("-keys")
    keyfob.run("sandbox", "bootstrap", keys)
    pkcs8 = (keys / "private_key.pem").read_text()
    with ours(keyfob, "auth", "--auth", "127.0.0.1:0", "--keys", keys) as auth:
        endpoint = f"{address(auth)}/token"
        said = node(keyfob, "article", endpoint=endpoint, api=address(auth), pkcs8=pkcs8)
        reason = "grant_type is missing: it is client_credentials"
        body = {"error": "invalid_request", "error_description": reason}
        equal(said["granted"], {"status": 400, "body": body}, "the answer")


def composed():
    words = ["docker-compose", "--file", COMPOSE, "--profile", "bootstrap", "config", "--services"]
    services = run(words).stdout.split()
    equal(sorted(services), ["api", "auth", "bootstrapper", "client"], "the services")


def ours(keyfob, *words):
    return Server([keyfob.bench.binary, "sandbox", *words], "Ctrl-C", keyfob.environment)


def theirs(bench, *words):
    return Server(["node", bench.packages / "node/article.mjs", *words], "listening at")


def address(server):
    """The only address on the first line."""
    return next(word for word in server.said.split() if word.startswith("http://"))


def opened(client):
    return {"status": 200, "body": {"message": PROTECTED, "user": client}}


def node(keyfob, command, **given):
    return keyfob.bench.node("clients.mjs", command, **given)
