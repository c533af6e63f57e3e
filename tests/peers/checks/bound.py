"""Clients and tokens bound to a certificate or a key, at npm's oidc-provider and an API behind it."""

import base64
import json
import os
from functools import partial

from bench import curl, equal, holds, openssl, run
from checks.provider import Provider

API = "https://api.example/"
PROVEN = ["ES256", "EdDSA"]
METHODS = ["tls_client_auth", "self_signed_tls_client_auth", "private_key_jwt"]


def checks(bench):
    keyfob = bench.keyfob()
    authority = Authority(bench)
    for method in METHODS:
        keyfob.run("keys", "new", method, "--alg", "RS256")
        keyfob.run("cert", "new", method, "--profile", "client-auth")
    request = bench.file(keyfob.run("cert", "csr", "tls_client_auth").stdout, ".csr")
    keyfob.run("cert", "import", "tls_client_auth", authority.signed(request))
    clients = [described(keyfob, method) for method in METHODS]
    for alg in PROVEN:
        keyfob.run("keys", "new", alg, "--alg", alg)
        clients += [proving(keyfob, alg, alg), proving(keyfob, f"nonce-{alg}", alg)]
    clients.append(proving(keyfob, "RS256", "private_key_jwt", "RS256"))
    with TlsProvider(bench, clients, authority) as provider:
        for method in METHODS:
            yield (
                f"oidc-provider: its token is bound to the certificate of a {method} client",
                partial(is_bound, keyfob, provider, method),
            )
            yield (
                f"oidc-provider: the printed commands ask for a {method} client's token",
                partial(by_command, keyfob, provider, method),
            )
        for alg in PROVEN:
            for client in [alg, f"nonce-{alg}"]:
                yield (
                    f"oidc-provider: its token is bound to the key of the client {client} (DPoP)",
                    partial(is_proven, keyfob, provider, client, alg),
                )
        for title, check in [
            ("the printed commands make a proof, ask for a token and call (DPoP)", proof_by_command),
            ("another key signs the proofs of a client with RS256 (DPoP)", other_key),
            ("a proof by an algorithm that it does not take is refused (DPoP)", other_algorithm),
            ("a client that shows no proof where one is wanted is told what to write (DPoP)", no_proof),
            ("a certificate that it does not know is refused, with what to compare", unknown),
            ("one that nobody issued is refused where a CA must have", self_signed),
            ("its API takes the token from nobody else", nobody_else),
        ]:
            yield f"oidc-provider: {title}", partial(check, keyfob, provider)


def described(keyfob, method):
    """The client of that method, as the server has it."""
    client = {"client_id": method, "token_endpoint_auth_method": method}
    if method == "tls_client_auth":
        client["tls_client_auth_subject_dn"] = f"CN={method}"
    else:
        client["jwks"] = {"keys": [keyfob.jwk(method)]}
    return {**client, "tls_client_certificate_bound_access_tokens": True}


def added(keyfob, provider, name, method, *options, key=None):
    """A client that authenticates by `method`, as the client called so."""
    words = ["--issuer", provider.url, "--ca-file", provider.authority.file]
    client = ["--client-id", method, "--key", key or method, "--auth", method]
    keyfob.run("clients", "add", name, *words, *client, "--resource", API, *options)
    return name


def options(method):
    return ["--bind", "certificate"] if method == "private_key_jwt" else []


def is_bound(keyfob, provider, method):
    name = added(keyfob, provider, method, method, *options(method))
    steps = json.loads(keyfob.run("--json", "token", name, "--show").stdout)
    outcomes = [(step["step"], step["outcome"]) for step in steps]
    signs = ["assertion"] if method == "private_key_jwt" else []
    names = ["discovery", "certificate", *signs, "token_request", "answer", "access_token"]
    equal(outcomes, [(each, "good") for each in names], json.dumps(steps, indent=1))
    called = keyfob.run("call", name, f"{provider.url}/api")
    expected = {"client": method, "cnf": {"x5t#S256": keyfob.jwk(method)["x5t#S256"]}}
    equal(json.loads(called.stdout), expected, "what the API answers")


def by_command(keyfob, provider, method):
    name = added(keyfob, provider, f"{method}-curl", method, *options(method))
    answer = by_shell(keyfob, keyfob.run("token", name, "--curl").stdout)
    claims = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    equal(claims["cnf"], {"x5t#S256": keyfob.jwk(method)["x5t#S256"]}, "cnf")


def by_shell(keyfob, commands):
    """What commands answer that keyfob printed."""
    folder = keyfob.bench.path("-commands")
    folder.mkdir()
    script = f"set -e\ncd '{folder}'\nkeyfob() {{ '{keyfob.bench.binary}' \"$@\"; }}\n{commands}"
    return json.loads(run(["bash", "-c", script], environment=keyfob.environment).stdout)


def proving(keyfob, client_id, key, alg=None):
    """A client that shows proofs, as the server has it."""
    client = {"client_id": client_id, "token_endpoint_auth_signing_alg": alg or key}
    return {**client, "jwks": {"keys": [keyfob.jwk(key)]}, "dpop_bound_access_tokens": True}


def added_proving(keyfob, provider, name, client_id, key, *options):
    words = ["--issuer", provider.url, "--ca-file", provider.authority.file, "--resource", API]
    keyfob.run("clients", "add", name, *words, "--client-id", client_id, "--key", key, *options)
    return name


def is_proven(keyfob, provider, client, alg):
    name = added_proving(keyfob, provider, client, client, alg, "--bind", "dpop")
    steps = json.loads(keyfob.run("--json", "token", name, "--show").stdout)
    outcomes = [(step["step"], step["outcome"]) for step in steps]
    asks = ["assertion", "dpop_proof", "token_request", "answer"]
    asked = asks * (2 if client.startswith("nonce") else 1)
    names = ["discovery", *asked, "access_token"]
    equal(outcomes, [(each, "good") for each in names], json.dumps(steps, indent=1))
    called = keyfob.run("call", name, f"{provider.url}/api/of?a=b", "-X", "PUT", "-d", "{}")
    answered = json.loads(called.stdout)
    equal((answered["client"], list(answered["cnf"])), (client, ["jkt"]), "what the API answers")


def proof_by_command(keyfob, provider):
    commands = keyfob.run("token", "ES256", "--curl")
    holds("add --claim nonce=NONCE to the proof's command" in commands.stderr, commands.stderr)
    answer = by_shell(keyfob, commands.stdout)
    equal(answer["token_type"], "DPoP", "the answer")


def other_key(keyfob, provider):
    options = ["--bind", "dpop", "--dpop-key", "EdDSA"]
    name = added_proving(keyfob, provider, "other", "RS256", "private_key_jwt", *options)
    called = keyfob.run("call", name, f"{provider.url}/api")
    equal((called.stderr.splitlines()[0], '"jkt"' in called.stdout), ("HTTP 200", True), called)


def other_algorithm(keyfob, provider):
    options = ["--bind", "dpop"]
    name = added_proving(keyfob, provider, "rs256", "RS256", "private_key_jwt", *options)
    said = keyfob.run("token", name, codes=(5,)).stderr.splitlines()
    cause = "private_key_jwt signs with RS256, and the server takes proofs by ES256, Ed25519, EdDSA"
    holds(said[0].startswith(f"! {cause}") and "400 invalid_dpop_proof" in said[1], said)


def no_proof(keyfob, provider):
    name = added_proving(keyfob, provider, "bare", "ES256", "ES256")
    said = keyfob.run("token", name, codes=(5,)).stderr
    holds("want this client's tokens bound to a key: write bind: dpop, or certificate" in said, said)


def unknown(keyfob, provider):
    method = "self_signed_tls_client_auth"
    name = added(keyfob, provider, "unknown", method, key="private_key_jwt")
    said = keyfob.run("token", name, codes=(5,)).stderr.splitlines()
    refused = f"keyfob: {provider.url}/token refused: 401 invalid_client: client authentication failed"
    equal(said[0], refused, "the first line")
    thumbprint = keyfob.jwk("private_key_jwt")["x5t#S256"]
    holds(f"has this very certificate, x5t#S256 {thumbprint}, among its keys" in said[1], said)


def self_signed(keyfob, provider):
    name = added(keyfob, provider, "own", "tls_client_auth", key="private_key_jwt")
    said = keyfob.run("token", name, codes=(5,)).stderr
    holds("! it is self-signed, and for tls_client_auth a CA" in said, said)
    holds("expects the subject CN=private_key_jwt by a CA that it trusts" in said, said)


def nobody_else(keyfob, provider):
    token = keyfob.run("token", "tls_client_auth").stdout.strip()
    words = ["--cacert", provider.authority.file, "-H", f"Authorization: Bearer {token}", "-i"]
    status, said = curl(f"{provider.url}/api", *words)
    holds(status == 401 and "no certificate was shown" in said, said)


class Authority:
    """A CA that others run, and the certificate of a server for localhost."""

    def __init__(self, bench):
        self.bench = bench
        self.key, self.file = bench.path(".key"), bench.path(".pem")
        words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        openssl("req", "-x509", *words, "-subj", "/CN=ca", "-keyout", self.key, "-out", self.file)
        self.server_key, request = bench.path(".key"), bench.path(".csr")
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        openssl("req", *words[:5], *names, "-keyout", self.server_key, "-out", request)
        self.server = self.signed(request)

    def signed(self, request):
        """The certificate that it makes of a request."""
        certificate = self.bench.path(".pem")
        by = ["-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", "60"]
        openssl("x509", "-req", "-in", request, *by, "-copy_extensions", "copy", "-out", certificate)
        return certificate


class TlsProvider(Provider):
    """oidc-provider over TLS, with an API under /api."""

    def __init__(self, bench, clients, authority):
        tls = {"key": authority.server_key, "cert": authority.server, "ca": authority.file}
        tls = {name: file.read_text() for name, file in tls.items()}
        super().__init__(bench, clients, tls)
        self.authority = authority
        self.environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(authority.file)}
