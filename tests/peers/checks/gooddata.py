"""The walk of GoodData's article, with the programs that it uses."""

import json
from functools import partial

from bench import curl, equal, holds, openssl

JSON_API = "application/vnd.gooddata.api+json"
USER = ["--sub", "john.doe", "--claim", "name=John Doe"]


def checks(bench):
    keyfob = bench.keyfob()
    keyfob.run("keys", "new", "prod", "--cert", "gooddata")
    for title, check in [
        ("node-forge reads the certificate as the article makes it", forge_reads),
        ("openssl reads it and verifies it by itself", openssl_verifies),
        ("x5c, x5t and x5t#S256 are what Node computes", thumbprints_match),
        ("npm jose reads one key in JWK, SPKI and certificate", jose_reads),
        ("npm jose verifies the user's token with the JWK and with the certificate", jose_verifies),
        ("keyfob pushes the JWK, and curl is let in with the token", keyfob_pushes),
        ("curl pushes the JWK as the article does, and is let in", curl_pushes),
    ]:
        yield f"GoodData: {title}", partial(check, keyfob)


def forge_reads(keyfob):
    read = keyfob.bench.node("forge.mjs", "certificate", pem=keyfob.export("prod", "cert"))
    name = [
        ["C", "US"],
        ["ST", "California"],
        ["L", "San Francisco"],
        ["O", "GoodData"],
        ["CN", "prod"],
    ]
    spki = read.pop("spki").replace("\r\n", "\n")
    equal(spki, keyfob.export("prod", "spki"), "the certified key")
    own = read.pop("ownKeyIdentifier")
    equal(read.pop("subjectKeyIdentifier"), own, "the key identifier")
    usage = ["digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment"]
    purposes = ["serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping"]
    types = ["client", "server", "email", "objsign", "sslCA", "emailCA", "objCA"]
    expected = {
        "version": 3,
        "signedByItself": True,
        "subject": name,
        "issuer": name,
        "signature": "sha256WithRSAEncryption",
        "serialBytes": 16,
        "serialNegative": False,
        "days": 365,
        "validNow": True,
        "names": [
            "basicConstraints",
            "extKeyUsage",
            "keyUsage",
            "nsCertType",
            "subjectAltName",
            "subjectKeyIdentifier",
        ],
        "basicConstraints": {"name": "basicConstraints", "cA": True},
        "keyUsage": {
            "name": "keyUsage",
            **dict.fromkeys([*usage, "keyCertSign"], True),
            **dict.fromkeys(["keyAgreement", "cRLSign", "encipherOnly", "decipherOnly"], False),
        },
        "extKeyUsage": {"name": "extKeyUsage", **dict.fromkeys(purposes, True)},
        "nsCertType": {"name": "nsCertType", **dict.fromkeys(types, True), "reserved": False},
        "subjectAltName": [[6, "http://localhost"], [7, "127.0.0.1"]],
    }
    equal(read, expected, "the certificate")


def openssl_verifies(keyfob):
    own = keyfob.bench.file(keyfob.export("prod", "cert"))
    equal(openssl("verify", "-CAfile", own, own).stdout, f"{own}: OK\n", "openssl verify")
    subject = openssl("x509", "-noout", "-subject", "-nameopt", "RFC2253", "-in", own).stdout
    expected = "subject=CN=prod,O=GoodData,L=San Francisco,ST=California,C=US\n"
    equal(subject, expected, "the subject")


def thumbprints_match(keyfob):
    jwk = keyfob.jwk("prod")
    computed = keyfob.bench.node("crypto.mjs", "thumbprints", pem=keyfob.export("prod", "cert"))
    equal({name: jwk[name] for name in computed}, computed, "the members of the JWK")


def jose_reads(keyfob):
    jwk = keyfob.jwk("prod")
    names = ["alg", "e", "kid", "kty", "n", "use", "x5c", "x5t", "x5t#S256"]
    equal(sorted(jwk), names, "members of the JWK")
    equal((jwk["alg"], jwk["kid"], jwk["use"]), ("RS256", "prod", "sig"), "the JWK")
    forms = {"spki": keyfob.export("prod", "spki"), "x509": keyfob.export("prod", "cert")}
    read = keyfob.bench.node("jose.mjs", "publicKeys", alg="RS256", **forms)
    key = {name: jwk[name] for name in ["kty", "n", "e"]}
    equal(read, {"spki": key, "x509": key}, "what jose reads")


def jose_verifies(keyfob):
    token = keyfob.run("mint", "--key", "prod", *USER).stdout.strip()
    node = partial(keyfob.bench.node, "jose.mjs", "verify", alg="RS256", tokens=[token])
    [by_jwk] = node(jwk=keyfob.jwk("prod"))
    [by_certificate] = node(x509=keyfob.export("prod", "cert"))
    equal(by_certificate, by_jwk, "the two verdicts")
    equal(by_jwk["header"], {"alg": "RS256", "typ": "JWT", "kid": "prod"}, "the header")
    claims = by_jwk["payload"]
    equal(list(claims), ["sub", "name", "iat", "jti", "exp"], "the claims")
    equal((claims["sub"], claims["name"]), ("john.doe", "John Doe"), "the user")
    equal(claims["exp"] - claims["iat"], 3600, "the lifetime in seconds")


def keyfob_pushes(keyfob):
    with keyfob.sandbox() as sandbox:
        said = keyfob.run("register", "prod", "--at", "sandbox").stderr
        equal(said, "prod at sandbox: registered, read back as prod\n", "what keyfob says")
        equal(stored(sandbox), keyfob.jwk("prod"), "the JWK that is registered")
        is_let_in(keyfob, sandbox)


def curl_pushes(keyfob):
    content = keyfob.jwk("prod")
    document = {"data": {"id": "prod", "type": "jwk", "attributes": {"content": content}}}
    with keyfob.sandbox() as sandbox:
        status, body = curl(
            f"{sandbox.auth}/api/v1/entities/jwks",
            *["-X", "POST", "-H", f"Content-Type: {JSON_API}", "-H", f"Accept: {JSON_API}"],
            *["-H", "Authorization: Bearer sandbox", "--data-binary", json.dumps(document)],
        )
        equal(status, 201, f"the status, with {body}")
        equal(json.loads(body)["data"], document["data"], "what the registry answers")
        is_let_in(keyfob, sandbox)
        said = keyfob.run("register", "prod", "--at", "sandbox").stderr
        expected = "prod at sandbox: already registered, read back as prod\n"
        equal(said, expected, "what keyfob says of it")


def is_let_in(keyfob, sandbox):
    token = keyfob.run("mint", "--key", "prod", *USER).stdout.strip()
    url = f"{sandbox.auth}/api/v1/profile"
    status, body = curl(url, "-H", f"Authorization: Bearer {token}")
    equal(status, 200, f"the status, with {body}")
    profile = json.loads(body)
    equal((profile["userId"], profile["name"]), ("john.doe", "John Doe"), "the user")
    status, body = curl(url)
    equal(status, 401, f"the status without a token, with {body}")
    holds("The token is missing" in body, body)


def stored(sandbox):
    status, body = curl(
        f"{sandbox.auth}/api/v1/entities/jwks/prod", "-H", "Authorization: Bearer sandbox"
    )
    equal(status, 200, f"the status, with {body}")
    return json.loads(body)["data"]["attributes"]["content"]
