"""An OAuth client that registers and manages itself (RFC 7591, 7592) at npm's oidc-provider."""

import json
from functools import partial

from bench import equal, holds
from checks.provider import Provider

SCOPE = "read"


def checks(bench):
    with Provider(bench, []) as provider:
        for title, check in [
            ("it makes the client by its first key, and grants a token to it", made),
            ("a second key joins, and the first leaves", joined),
            ("the state is read again after each change of the token", read_again),
            ("the last key takes the client with it", gone),
            ("a registration without the initial token is refused", no_token),
            ("a scope that it does not have is refused", no_scope),
        ]:
            yield f"oidc-provider manages a client: {title}", partial(check, bench, provider)


def made(bench, provider):
    keyfob = registered(bench, provider)
    client = keyfob.run("clients", "show", "idp").stdout
    holds(provider.url in client, client)
    token = json.loads(keyfob.run("--json", "token", "idp").stdout)
    equal(token["token_type"], "Bearer", "the token's type")


def joined(bench, provider):
    keyfob = registered(bench, provider)
    said = keyfob.run("register", "second", "--at", "idp").stderr
    equal(said, "second at idp: registered, read back as second\n", "what keyfob says")
    equal(states(keyfob), {"first": "registered", "second": "registered"}, "the states")
    said = keyfob.run("unregister", "first", "--at", "idp").stderr
    holds(said.startswith("first at idp: is not there any more\n"), said)
    equal(states(keyfob), {"second": "registered"}, "the states")
    # The client signs with a key that is gone.
    ended = keyfob.run("token", "idp", codes=(5,))
    holds("invalid_client" in ended.stderr, ended.stderr)
    keyfob.run("clients", "rm", "idp")


def read_again(bench, provider):
    keyfob = registered(bench, provider)
    for _ in range(2):
        keyfob.run("register", "second", "--at", "idp")
        keyfob.run("unregister", "second", "--at", "idp")
        equal(states(keyfob), {"first": "registered"}, "the states")
    said = keyfob.run("register", "first", "--at", "idp").stderr
    equal(said, "first at idp: already registered, read back as first\n", "what keyfob says")


def gone(bench, provider):
    keyfob = registered(bench, provider)
    kept = keyfob.run("unregister", "first", "--at", "idp", codes=(2,)).stderr
    holds("say --last" in kept, kept)
    keyfob.run("unregister", "first", "--at", "idp", "--last")
    equal(states(keyfob), {}, "the states")
    clients = json.loads(keyfob.run("--json", "clients", "list").stdout)
    equal([client["name"] for client in clients], ["sandbox"], "the clients")
    equal(list((keyfob.home / "secrets").glob("registration-*")), [], "what is remembered")


def no_token(bench, provider):
    keyfob = with_endpoint(bench, provider, "stranger")
    said = keyfob.run("register", "first", "--at", "idp", codes=(5,)).stderr
    holds("refused with 401" in said and "initial access token" in said, said)


def no_scope(bench, provider):
    keyfob = with_endpoint(bench, provider, "initial", "--scope", "everything")
    said = keyfob.run("register", "first", "--at", "idp", codes=(5,)).stderr
    holds("refused with 400" in said and "scope" in said, said)
    equal(states(keyfob), {}, "the states")


def registered(bench, provider):
    """A keystore whose key `first` is a client of `provider`, and one whose key `second` is not."""
    keyfob = with_endpoint(bench, provider, "initial", "--scope", SCOPE)
    said = keyfob.run("register", "first", "--at", "idp").stderr
    holds(said.startswith("first at idp: registered, read back as first\n"), said)
    holds("otherwise than asked" not in said, said)
    return keyfob


def with_endpoint(bench, provider, token, *options):
    keyfob = bench.keyfob()
    for kid in ["first", "second"]:
        keyfob.run("keys", "new", kid, "--alg", "ES256")
    words = ["endpoints", "add", "idp", "--preset", "oidc", "--url", provider.url]
    keyfob.run(*words, "--token-sealed", *options, input=f"{token}\n")
    return keyfob


def states(keyfob):
    """The states of the keys at the endpoint by kid."""
    words = ["registrations", "--at", "idp", "--refresh"]
    rows = json.loads(keyfob.run("--json", *words, codes=(0, 1)).stdout)
    return {row["kid"]: row["state"] for row in rows}
