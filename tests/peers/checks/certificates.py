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
    "client-auth": [
        "X509v3 Basic Constraints: critical",
        "CA:FALSE",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "X509v3 Extended Key Usage:",
        "TLS Web Client Authentication",
        "X509v3 Subject Key Identifier:",
    ],
    "server": [
        "X509v3 Basic Constraints: critical",
        "CA:FALSE",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "X509v3 Extended Key Usage:",
        "TLS Web Server Authentication",
        "X509v3 Subject Alternative Name:",
        "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
        "X509v3 Subject Key Identifier:",
    ],
    "ca": [
        "X509v3 Basic Constraints: critical",
        "CA:TRUE",
        "X509v3 Key Usage: critical",
        "Digital Signature, Certificate Sign, CRL Sign",
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
        yield (
            f"{alg}: openssl verifies a request, signs it by a key of keyfob's, and is verified",
            partial(is_signed, keyfob, f"{alg}-server", f"{alg}-ca"),
        )
        yield (
            f"{alg}: openssl verifies a renewed certificate by itself",
            partial(is_renewed, keyfob, f"{alg}-client-auth"),
        )


def is_signed(keyfob, kid, ca):
    bench = keyfob.bench
    request = bench.file(
        keyfob.run("cert", "csr", kid, "--country", "DE", "--san", "dns:a.example").stdout
    )
    openssl("req", "-verify", "-noout", "-in", request)
    root = bench.file(keyfob.export(ca, "cert"))
    key = bench.file(keyfob.private(ca, "pkcs8"))
    signed = openssl(
        *("x509", "-req", "-in", request, "-CA", root, "-CAkey", key),
        *("-days", "40", "-copy_extensions", "copy"),
    ).stdout
    answer = bench.file(root.read_text() + signed)
    keyfob.run("cert", "import", kid, answer)
    equal(keyfob.export(kid, "chain"), signed + root.read_text(), "the chain, leaf first")
    leaf = bench.file(keyfob.export(kid, "cert"))
    verified = openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "a.example"),
        *("-CAfile", root, leaf),
    )
    equal(verified.stdout, f"{leaf}: OK\n", "openssl verify")


def is_renewed(keyfob, kid):
    before = keyfob.export(kid, "cert")
    keyfob.run("cert", "renew", kid)
    after = keyfob.export(kid, "cert")
    holds(before != after, "the certificate is the old one")
    own = keyfob.bench.file(after)
    equal(openssl("verify", "-CAfile", own, own).stdout, f"{own}: OK\n", "openssl verify")


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
