"""What keyfob writes, form by form, and what each peer sees in it."""

import base64
import json
from functools import partial

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from bench import equal, holds, openssl, run
from checks.form_writers import PASSPHRASE, RSA_ALONE, never, normal, spki_pem

ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "EdDSA"]
FORMS = [
    "jwk",
    "jwk, private",
    "jwks",
    "jwks, private",
    "spki",
    "pkcs8",
    "pkcs8-enc",
    "pkcs1",
    "sec1",
    "cert",
    "der",
    "chain",
    "bundle",
    "bundle, private",
    "p12",
    "ssh",
    "ssh-private",
    "ssh-private, sealed",
    "jwe",
]
JWKS = ["jwk", "jwk, private", "jwks", "jwks, private", "jwe"]
SSH = ["ssh", "ssh-private", "ssh-private, sealed"]


def all_but(forms):
    return [form for form in FORMS if form not in forms]


NEVER = {
    "OpenSSL": never("reads no JWKs", JWKS) | never("reads no OpenSSH keys", SSH),
    "keytool": never(
        "reads key stores and certificates alone", all_but(["cert", "der", "chain", "p12"])
    ),
    "ssh-keygen": never("reads no JWKs", JWKS)
    | never("reads no X.509", ["cert", "der", "chain", "bundle", "p12"]),
    "npm jose": never(
        "reads JWKs, and PKCS#8, SPKI and certificates of one PEM block",
        all_but([*JWKS, "spki", "pkcs8", "cert"]),
    )
    | never("takes public keys alone in a set", ["jwks, private"]),
    "node-forge": never("reads no JWKs", JWKS)
    | never("reads no OpenSSH keys", SSH)
    | never("has RSA alone", ["sec1"]),
    "Python": never("takes 300,000 rounds at most, and keyfob turns 600,000", ["jwe"]),
}
NO_ED25519 = "reads no Ed25519 in this form"
PARTLY = {
    "ssh-keygen": never(NO_ED25519, ["spki", "pkcs8", "pkcs8-enc", "bundle, private"]),
    "node-forge": never(RSA_ALONE, all_but([])),
}


HAVE = {"pkcs1": ["RS256"], "sec1": ["ES256", "ES384", "ES512"]}
"""The keys that have a form, where not all do."""


def written(bench):
    """Who reads which form of which key, and the check that it sees the key."""
    for alg in ALGORITHMS:
        key = Key(bench, alg)
        for form in FORMS:
            for peer, reader in READERS.items():
                lacks = PARTLY.get(peer, {}).get(form)
                if (
                    form in NEVER[peer]
                    or alg not in HAVE.get(form, ALGORITHMS)
                    or (lacks == RSA_ALONE and alg != "RS256")
                    or (lacks == NO_ED25519 and alg == "EdDSA")
                ):
                    continue
                yield peer, form, alg, partial(seen, key, form, reader)


class Key:
    """A key of keyfob's, certified by a CA, and what every reader must see in it."""

    def __init__(self, bench, alg):
        self.bench, self.alg = bench, alg
        self.keyfob = bench.keyfob()
        # A reader that knows RSA alone reads no certificate of another's above it.
        root = "RS256" if alg == "RS256" else "ES256"
        self.keyfob.run("keys", "new", "root", "--alg", root, "--cert", "ca")
        self.keyfob.run("keys", "new", "k", "--alg", alg)
        root = bench.file(self.keyfob.export("root", "cert"))
        issuer = bench.file(self.keyfob.private("root", "pkcs8"))
        request = bench.file(self.keyfob.run("cert", "csr", "k").stdout)
        leaf = openssl(
            *("x509", "-req", "-in", request, "-CA", root, "-CAkey", issuer),
            *("-copy_extensions", "copy"),
        ).stdout
        self.pems = [normal([leaf]), root.read_text()]
        self.keyfob.run("cert", "import", "k", bench.file("".join(self.pems)))
        self.spki = self.keyfob.export("k", "spki")

    def file(self, form):
        form, _, how = form.partition(", ")
        path = self.bench.path(f".{form}")
        words = ["--out", str(path)]
        private = how != "" or form in [
            *("pkcs8", "pkcs8-enc", "pkcs1", "sec1", "p12", "ssh-private", "jwe"),
        ]
        if private:
            words.append("--private")
        if how == "sealed" or form in ["pkcs8-enc", "p12", "jwe"]:
            phrase = self.bench.file(PASSPHRASE + "\n")
            words += ["--file-passphrase-file", str(phrase)]
        self.keyfob.export("k", form, *words)
        return path


def seen(key, form, reader):
    spki, pems = reader(key, form, key.file(form))
    equal(spki, key.spki, "the public half")
    if pems is not None:
        expected = key.pems[:1] if form in ["cert", "der"] else key.pems
        equal(normal(pems), normal(expected), "the certificates")


def in_openssl(key, form, path):
    secret = ["-passin", f"pass:{PASSPHRASE}"]
    if form in ["cert", "chain", "der"]:
        how = ["-inform", "DER"] if form == "der" else []
        spki = openssl("x509", "-in", path, *how, "-pubkey", "-noout").stdout
        if form == "der":
            return spki, [openssl("x509", "-in", path, *how).stdout]
        return spki, openssl_certificates(path)
    if form == "p12":
        opened = openssl("pkcs12", "-in", path, *secret, "-nodes").stdout
        spki = openssl("pkey", "-pubout", input=opened).stdout
        return spki, openssl_certificates(key.bench.file(opened))
    how = ["-pubin"] if form in ["spki", "bundle"] else []
    spki = openssl("pkey", "-in", path, *how, *([] if how else secret), "-pubout").stdout
    return spki, openssl_certificates(path) if form.startswith("bundle") else None


def openssl_certificates(path):
    # It passes over keys, and says so with an exit code.
    return blocks(openssl("storeutl", "-certs", path, codes=(0, 1)).stdout)


def blocks(text):
    """The certificates in a text, each with what stands before it."""
    end = "-----END CERTIFICATE-----\n"
    return [part + end for part in text.split(end)[:-1]]


def in_keytool(key, form, path):
    if form == "p12":
        store = ["-alias", "k", "-keystore", path, "-storepass", PASSPHRASE]
        listed = run(["keytool", "-list", "-rfc", *store]).stdout
        holds("PrivateKeyEntry" in listed, f"no private key in {listed}")
        csr = run(["keytool", "-certreq", *store]).stdout
        return openssl("req", "-pubkey", "-noout", "-verify", input=csr).stdout, blocks(listed)
    printed = run(["keytool", "-printcert", "-rfc", "-file", path]).stdout
    return openssl("x509", "-pubkey", "-noout", input=printed).stdout, blocks(printed)


def in_ssh_keygen(key, form, path):
    if form == "spki":
        return ssh_spki(run(["ssh-keygen", "-i", "-m", "PKCS8", "-f", path]).stdout), None
    if form == "ssh":
        fingerprint = run(["ssh-keygen", "-l", "-f", path]).stdout
        equal(fingerprint.split()[2], "k", "the comment")
        return ssh_spki(path.read_text()), None
    line = run(["ssh-keygen", "-y", "-P", PASSPHRASE, "-f", path]).stdout
    return ssh_spki(line), None


def ssh_spki(line):
    return spki_pem(serialization.load_ssh_public_key(line.encode()))


def in_jose(key, form, path):
    given = {"form": form.partition(", ")[0], "content": path.read_text(), "alg": key.alg}
    spki = key.bench.node("jose.mjs", "open", passphrase=PASSPHRASE, **given)["spki"]
    return spki, None


def in_forge(key, form, path):
    form = {"bundle": "bundle, public", "bundle, private": "bundle"}.get(form, form)
    content = base64.b64encode(path.read_bytes()).decode()
    given = {"form": form, "content": content, "passphrase": PASSPHRASE}
    read = key.bench.node("forge.mjs", "open", **given)
    expected = {"cert": 1, "chain": 2, "bundle": 2, "bundle, public": 2}.get(form, 0)
    equal(read["certificates"], expected, "how many certificates there are")
    return read["spki"], None


def in_python(key, form, path):
    content = path.read_bytes()
    secret = PASSPHRASE.encode()
    if form in ["cert", "chain", "der"]:
        if form == "der":
            read = [x509.load_der_x509_certificate(content)]
        else:
            read = x509.load_pem_x509_certificates(content)
        return spki_pem(read[0].public_key()), pems_of(read)
    if form.startswith("bundle"):
        private = form != "bundle"
        one = load_private(content) if private else serialization.load_pem_public_key(content)
        return spki_pem(one), pems_of(x509.load_pem_x509_certificates(content))
    if form == "p12":
        one, leaf, others = pkcs12.load_key_and_certificates(content, secret)
        return spki_pem(one), pems_of([leaf, *others])
    if form == "spki":
        return spki_pem(serialization.load_pem_public_key(content)), None
    if form == "ssh":
        return ssh_spki(content.decode()), None
    if form.startswith("ssh-private"):
        sealed = secret if "sealed" in form else None
        return spki_pem(serialization.load_ssh_private_key(content, sealed)), None
    if form in ["pkcs8", "pkcs8-enc", "pkcs1", "sec1"]:
        return spki_pem(load_private(content, secret if form == "pkcs8-enc" else None)), None
    if form.startswith("jwks"):
        [one] = jwt.PyJWKSet.from_json(content.decode()).keys
    else:
        one = jwt.PyJWK(json.loads(content))
    equal(hasattr(one.key, "private_bytes"), "private" in form, "that it has a private half")
    return spki_pem(one.key), None


def load_private(content, secret=None):
    return serialization.load_pem_private_key(content, secret)


def pems_of(certificates):
    return [one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates]


READERS = {
    "OpenSSL": in_openssl,
    "keytool": in_keytool,
    "ssh-keygen": in_ssh_keygen,
    "npm jose": in_jose,
    "node-forge": in_forge,
    "Python": in_python,
}
