"""Certificates of every key type through openssl."""

import re
from functools import partial

from bench import equal, holds, openssl

EXTENSION = re.compile(r"(X509v3 (?!extensions)|Netscape ).*:")
TYPES = {
    "RS256": "Public-Key: (2048 bit)",
    "ES256": "NIST CURVE: P-256",
    "ES384": "NIST CURVE: P-384",
    "ES512": "NIST CURVE: P-521",
    "EdDSA": "ED25519 Public-Key:",
}
EXTENSIONS = {
    "gooddata": [
        "X509v3 Basic Constraints: critical",
        "CA:TRUE",
        "X509v3 Key Usage: critical",
        "Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, "
        "Certificate Sign",
        "X509v3 Extended Key Usage:",
        "TLS Web Server Authentication, TLS Web Client Authentication, Code Signing, "
        "E-mail Protection, Time Stamping",
        "Netscape Cert Type:",
        "SSL Client, SSL Server, S/MIME, Object Signing, SSL CA, S/MIME CA, Object Signing CA",
        "X509v3 Subject Alternative Name:",
        "URI:http://localhost, IP Address:127.0.0.1",
        "X509v3 Subject Key Identifier:",
    ],
    "minimal": [
        "X509v3 Basic Constraints: critical",
        "CA:FALSE",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "X509v3 Subject Key Identifier:",
    ],
}


def checks(bench):
    keyfob = bench.keyfob()
    for alg, key in TYPES.items():
        for profile, extensions in EXTENSIONS.items():
            kid = f"{alg}-{profile}"
            keyfob.run("keys", "new", kid, "--alg", alg, "--cert", profile)
            yield (
                f"{alg}: openssl reads every extension of the profile {profile}",
                partial(is_read, keyfob, kid, [key, *extensions]),
            )
            yield (
                f"{alg}: openssl verifies the certificate of the profile {profile} by itself",
                partial(is_verified, keyfob, kid),
            )


def is_read(keyfob, kid, expected):
    pem = keyfob.export(kid, "cert")
    text = openssl("x509", "-noout", "-text", input=pem).stdout
    lines = [line.strip() for line in text.splitlines()]
    missing = [line for line in expected if line not in lines]
    equal(missing, [], f"lines that are not in\n{text}")
    known = [line for line in lines if EXTENSION.match(line)]
    wanted = [line for line in expected if EXTENSION.match(line)]
    equal(sorted(known), sorted(wanted), "the extensions")
    spki = openssl("x509", "-noout", "-pubkey", input=pem).stdout
    equal(spki, keyfob.export(kid, "spki"), "the certified key")


def is_verified(keyfob, kid):
    own = keyfob.bench.file(keyfob.export(kid, "cert"))
    equal(openssl("verify", "-CAfile", own, own).stdout, f"{own}: OK\n", "openssl verify")
    other = keyfob.bench.keyfob()
    other.run("keys", "new", "other", "--alg", "ES256", "--cert", "gooddata")
    stranger = keyfob.bench.file(other.export("other", "cert"))
    refused = openssl("verify", "-CAfile", stranger, own, codes=(2,))
    holds("verification failed" in refused.stderr, refused.stderr)
