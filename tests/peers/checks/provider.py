"""keyfob as a client of a certified authorization server: npm's oidc-provider."""

import json
from functools import partial

from bench import Server, equal, holds

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SECRET_METHODS = ["client_secret_basic", "client_secret_jwt"]
SECRET = "a secret of 32 octets: +/=&% and more"
API = "https://api.example/"


def checks(bench):
    keyfob = bench.keyfob()
    for alg in ALGORITHMS:
        keyfob.run("keys", "new", kid(alg), "--alg", alg)
    folder = bench.path("-keys")
    keyfob.run("sandbox", "bootstrap", folder)
    keyfob.run("keys", "import", folder / "private_key.pem", "--kid", "client-key")
    # The JWK Set that keyfob serves holds the bootstrapped key.
    with Auth(keyfob, folder) as served:
        clients = [inline(keyfob, alg) for alg in ALGORITHMS]
        clients.append({"client_id": "by-url", "jwks_uri": f"{served.url}/.well-known/jwks.json"})
        clients += [by_secret(method) for method in SECRET_METHODS]
        clients.append({"client_id": "elsewhere", "jwks": {"keys": [keyfob.jwk(kid("RS256"))]}})
        with Provider(bench, clients) as provider:
            for alg in ALGORITHMS:
                yield (
                    f"oidc-provider: it grants a JWT to a client that signs with {alg}",
                    partial(is_granted, keyfob, provider, alg),
                )
            for method in SECRET_METHODS:
                yield (
                    f"oidc-provider: it grants a token to a client by {method}",
                    partial(is_granted_by_secret, keyfob, provider, method),
                )
            for title, check in [
                ("its opaque token is taken as one", opaque),
                ("it says what it knows of an opaque token, and forgets it", asked_about),
                ("it exchanges another client's token, and no unknown one", exchanged),
                ("it does not speak of its JWTs, and why is told", not_of_jwts),
                ("it finds the key in the JWK Set that keyfob serves", by_url),
                ("two tries in a row have two jti", twice),
                ("an aud that is not its issuer is refused, with the remedy", wrong_audience),
                ("a key that it does not know is refused, with what to compare", unknown_key),
                ("a scope that it does not give is said", scope_not_granted),
                ("a resource that it does not know is refused in its words", invalid_target),
            ]:
                yield f"oidc-provider: {title}", partial(check, keyfob, provider)


def kid(alg):
    return f"key-{alg}"


def inline(keyfob, alg):
    return {
        "client_id": kid(alg),
        "token_endpoint_auth_signing_alg": alg,
        "jwks": {"keys": [keyfob.jwk(kid(alg))]},
    }


def by_secret(method):
    return {
        "client_id": method,
        "client_secret": SECRET,
        "token_endpoint_auth_method": method,
    }


def is_granted_by_secret(keyfob, provider, method):
    options = ["--resource", API, "--auth", method, "--secret-env", "PEERS_SECRET"]
    name = added(keyfob, provider, method, method, kid("RS256"), *options)
    for secret, code in [(SECRET, 0), (SECRET[::-1], 5)]:
        keyfob.environment["PEERS_SECRET"] = secret
        shown = keyfob.run("token", name, "--show", codes=(code,))
        holds(code or "valid: at+jwt, RS256" in shown.stdout, shown.stdout)
        holds(secret not in shown.stdout + shown.stderr, "the secret is shown")
    holds(f"authenticates with {method}, and has this secret" in shown.stderr, shown.stderr)


def add(keyfob, name, *options):
    keyfob.run("clients", "add", name, *options)


def added(keyfob, provider, name, client_id, key, *options):
    """A client of `provider`, by its issuer."""
    words = ["--issuer", provider.url, "--client-id", client_id, "--key", key]
    add(keyfob, name, *words, *options)
    return name


def is_granted(keyfob, provider, alg):
    options = ["--resource", API, "--scope", "read"]
    name = added(keyfob, provider, alg, kid(alg), kid(alg), *options)
    whole = json.loads(keyfob.run("--json", "token", name).stdout)
    members = {member: whole[member] for member in ["token_type", "expires_in", "scope"]}
    expected = {"token_type": "Bearer", "expires_in": 300, "scope": "read"}
    equal(members, expected, "the answer")
    steps = json.loads(keyfob.run("--json", "token", name, "--show").stdout)
    outcomes = [(step["step"], step["outcome"]) for step in steps]
    names = ["discovery", "assertion", "token_request", "answer", "access_token"]
    equal(outcomes, [(each, "good") for each in names], json.dumps(steps, indent=1))
    equal(steps[-1]["summary"], "valid: at+jwt, RS256", "the access token")
    equal(whole["access_token"].count("."), 2, "the dots of the token")


def opaque(keyfob, provider):
    options = ["--resource", f"{API}opaque"]
    name = added(keyfob, provider, "opaque", kid("ES256"), kid("ES256"), *options)
    token = keyfob.run("token", name)
    equal((token.stderr, "." in token.stdout), ("", False), "what keyfob says")
    shown = keyfob.run("token", name, "--show").stdout
    holds("opaque: only the server can read it" in shown, shown)


def asked_about(keyfob, provider):
    token = keyfob.run("token", "opaque").stdout
    ask = ["--json", "token", "opaque", "--introspect", "--of", "-"]
    said = json.loads(keyfob.run(*ask, input=token).stdout)
    members = {member: said[member] for member in ["active", "client_id", "aud"]}
    expected = {"active": True, "client_id": kid("ES256"), "aud": f"{API}opaque"}
    equal(members, expected, "what it knows")
    revoked = keyfob.run("token", "opaque", "--revoke", "-", input=token)
    equal(revoked.stderr, "the server of opaque does not know the token any more\n", "stderr")
    said = json.loads(keyfob.run(*ask, input=token, codes=(1,)).stdout)
    equal(said, {"active": False}, "what it knows afterwards")


def exchanged(keyfob, provider):
    token = keyfob.run("token", "opaque").stdout
    ask = ["token", "ES256", "--exchange", "-"]
    theirs = keyfob.run(*ask, input=token).stdout
    asked = ["--json", "token", "ES256", "--introspect", "--of", "-"]
    said = json.loads(keyfob.run(*asked, input=theirs).stdout)
    equal((said["client_id"], said["scope"]), (kid("ES256"), "write"), "the new token")
    ended = keyfob.run(*ask, input="unknown", codes=(5,))
    holds("may exchange tokens, and this one is of the kind access_token" in ended.stderr, ended)


def not_of_jwts(keyfob, provider):
    for asked in [["--introspect", "--of", "-"], ["--revoke", "-"]]:
        token = keyfob.run("token", "ES256").stdout
        ended = keyfob.run("token", "ES256", *asked, input=token, codes=(5,))
        first, cause = ended.stderr.splitlines()
        holds("refused: 400 unsupported_token_type: " in first, first)
        holds("a JWT is verified with its keys, and counts until its exp" in cause, cause)


def by_url(keyfob, provider):
    name = added(keyfob, provider, "by-url", "by-url", "client-key")
    keyfob.run("token", name)


def twice(keyfob, provider):
    for _ in range(2):
        keyfob.run("token", "ES256")


def wrong_audience(keyfob, provider):
    options = ["--audience", "token_url"]
    name = added(keyfob, provider, "wrong", kid("ES256"), kid("ES256"), *options)
    ended = keyfob.run("token", name, codes=(5,))
    lines = ended.stderr.splitlines()
    refused = f"{provider.url}/token refused"
    first = f"keyfob: {refused}: 401 invalid_client: client authentication failed"
    remedy = (
        f"  aud is the token endpoint: many servers take only their issuer, {provider.url}; write "
        "audience: issuer"
    )
    equal(lines[:2], [first, remedy], ended.stderr)


def unknown_key(keyfob, provider):
    name = added(keyfob, provider, "elsewhere", "elsewhere", kid("PS256"))
    ended = keyfob.run("token", name, codes=(5,))
    for words in ["invalid_client", "the client elsewhere is there", "under kid key-PS256"]:
        holds(words in ended.stderr, ended.stderr)


def scope_not_granted(keyfob, provider):
    options = ["--resource", API, "--scope", "read write"]
    name = added(keyfob, provider, "scopes", kid("ES256"), kid("ES256"), *options)
    said = keyfob.run("token", name).stderr
    equal(said, "! the scope asked for was not granted: write\n", "what keyfob says")


def invalid_target(keyfob, provider):
    options = ["--resource", f"{API}unknown"]
    name = added(keyfob, provider, "odd", kid("ES256"), kid("ES256"), *options)
    ended = keyfob.run("token", name, codes=(5,))
    first, cause = ended.stderr.splitlines()
    start = f"keyfob: {provider.url}/token refused: 400 invalid_target: "
    equal(first[: len(start)], start, "what keyfob says")
    remedy = "write its identifier as the server has it"
    expected = f'  the server knows no resource "{API}unknown": {remedy}'
    equal(cause, expected, "the cause")


class Provider(Server):
    """oidc-provider with these clients; with `tls` it is https."""

    def __init__(self, bench, clients, tls=None):
        file = bench.file(json.dumps({"clients": clients, "tls": tls}), ".json")
        program = bench.packages / "node/provider.mjs"
        super().__init__(["node", program, file], "listens on ")

    def __enter__(self):
        super().__enter__()
        self.url = self.said.rsplit("listens on ", 1)[1].strip()
        return self


class Auth(Server):
    """keyfob's authorization server with the keys of a folder."""

    def __init__(self, keyfob, folder):
        command = [keyfob.bench.binary, "sandbox", "auth", "--keys", folder]
        words = [*command, "--auth", "127.0.0.1:0"]
        super().__init__(words, "http://127.0.0.1:", keyfob.environment)

    def __enter__(self):
        super().__enter__()
        self.url = "http://127.0.0.1:" + self.said.rsplit("http://127.0.0.1:", 1)[1].split()[0]
        return self
