"""What each peer writes, form by form, and what keyfob must make of it."""

import base64
import datetime
import json
import warnings
from functools import partial

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from joserfc import jwe
from joserfc.jwk import OctKey

from bench import equal, holds, openssl, run

PASSPHRASE = "correct horse"
ENCODING = serialization.Encoding
PRIVATE = serialization.PrivateFormat
PUBLIC = serialization.PublicFormat
OPEN = serialization.NoEncryption()

FORMS = [
    "PKCS#8",
    "PKCS#8, DER",
    "PKCS#8, sealed",
    "PKCS#8, sealed, DER",
    "PKCS#8 version 2",
    "PKCS#1 or SEC1",
    "PKCS#1 or SEC1, DER",
    "PKCS#1 or SEC1, sealed",
    "SPKI",
    "SPKI, DER",
    "PKCS#1, public",
    "certificate",
    "certificate, DER",
    "chain",
    "key and chain",
    "request",
    "PKCS#12",
    "OpenSSH",
    "OpenSSH, sealed",
    "OpenSSH, public",
    "JWK",
    "JWK, public",
    "JWK Set",
    "JWK, sealed",
    "Base64",
]
JWKS = ["JWK", "JWK, public", "JWK Set", "JWK, sealed"]
SSH = ["OpenSSH", "OpenSSH, sealed", "OpenSSH, public"]
X509 = ["certificate", "certificate, DER", "chain", "key and chain", "request"]
V2 = {"PKCS#8 version 2": "writes version 1 alone"}


def never(reason, forms):
    return dict.fromkeys(forms, reason)


def all_but(forms):
    return [form for form in FORMS if form not in forms]


NEVER = {
    "OpenSSL": V2 | never("has no OpenSSH keys", SSH) | never("has no JWKs", JWKS),
    "keytool": never(
        "keeps keys in key stores alone, and gives certificates and requests out",
        all_but(["certificate", "certificate, DER", "chain", "request", "PKCS#12"]),
    ),
    "ssh-keygen": V2
    | never("writes PEM alone", [form for form in FORMS if "DER" in form] + ["Base64"])
    | never("has no X.509", [*X509, "PKCS#12"])
    | never("has no JWKs", JWKS),
    "npm jose": V2
    | never("writes PKCS#8, SPKI and JWKs alone, as text", all_but(["PKCS#8", "SPKI", *JWKS])),
    "node-forge": V2
    | never("writes PKCS#1 for OpenSSH", ["OpenSSH", "OpenSSH, sealed"])
    | never("has no JWKs", JWKS),
    "Python": V2,
}
"""Why a peer has none of some forms."""

NO_ED25519 = "has no such form for Ed25519"
RSA_ALONE = "has RSA alone"
TRADITIONAL = ["PKCS#1 or SEC1", "PKCS#1 or SEC1, DER", "PKCS#1 or SEC1, sealed"]
PARTLY = {
    "OpenSSL": never(NO_ED25519, TRADITIONAL) | never(RSA_ALONE, ["PKCS#1, public"]),
    "ssh-keygen": never(NO_ED25519, ["PKCS#8", "PKCS#8, sealed", "SPKI", *TRADITIONAL])
    | never(RSA_ALONE, ["PKCS#1, public"]),
    "node-forge": never(RSA_ALONE, all_but([])),
    "Python": never(NO_ED25519, TRADITIONAL) | never(RSA_ALONE, ["PKCS#1, public"]),
}
"""What a peer lacks of a form that it has."""

TYPES = {
    "RSA 2048": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "P-256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "P-521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "Ed25519": ["ED25519"],
}
OPENSSL_SEALS = {
    "AES-128, PBKDF2-SHA1": ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"],
    "AES-192, PBKDF2-SHA512": ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"],
    "AES-256, PBKDF2-SHA256": ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"],
    "3DES": ["-v2", "des3"],
    "scrypt": ["-scrypt"],
}
PBES1_REMEDY = "pkcs8 -topk8 -v2 aes-256-cbc -provider default -provider legacy".split()
OLD_REMEDY = ["pkey", "-aes256"]
NAMED_REMEDY = ["pkey", "-ec_param_enc", "named_curve"]
KEYTOOL = {
    "RSA 2048": ["-keyalg", "RSA", "-keysize", "2048"],
    "P-256": ["-keyalg", "EC", "-groupname", "secp256r1"],
    "P-384": ["-keyalg", "EC", "-groupname", "secp384r1"],
    "P-521": ["-keyalg", "EC", "-groupname", "secp521r1"],
    "Ed25519": ["-keyalg", "Ed25519"],
}
SSH_KEYGEN = {
    "RSA 2048": ["-t", "rsa", "-b", "2048"],
    "P-256": ["-t", "ecdsa", "-b", "256"],
    "P-384": ["-t", "ecdsa", "-b", "384"],
    "P-521": ["-t", "ecdsa", "-b", "521"],
    "Ed25519": ["-t", "ed25519"],
}
PYTHON = {
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
PYJWT = {
    "RSA 2048": jwt.algorithms.RSAAlgorithm,
    "P-256": jwt.algorithms.ECAlgorithm,
    "P-384": jwt.algorithms.ECAlgorithm,
    "P-521": jwt.algorithms.ECAlgorithm,
    "Ed25519": jwt.algorithms.OKPAlgorithm,
}
JOSE = {
    "RSA 2048": ("RS256", "PBES2-HS256+A128KW", "A128CBC-HS256"),
    "P-256": ("ES256", "PBES2-HS256+A128KW", "A256GCM"),
    "P-384": ("ES384", "PBES2-HS512+A256KW", "A256CBC-HS512"),
    "P-521": ("ES512", "PBES2-HS512+A256KW", "A128GCM"),
    "Ed25519": ("EdDSA", "PBES2-HS512+A256KW", "A192CBC-HS384"),
}


def written(bench):
    """Who writes which form, which variant of it, and the check of what keyfob makes of it."""
    for peer, writer in WRITERS.items():
        for form, variant, check in writer(bench):
            yield peer, form, variant, check


def by_openssl(bench):
    root_key = openssl("genpkey", "-algorithm", *TYPES["P-256"]).stdout
    root_file = bench.file(root_key)
    root = bench.file(openssl("req", "-x509", "-key", root_file, "-subj", "/CN=root").stdout)
    for name, words in TYPES.items():
        pem = openssl("genpkey", "-algorithm", *words).stdout
        key = bench.file(pem)
        spki = openssl("pkey", "-in", key, "-pubout").stdout
        yield "PKCS#8", name, partial(private, bench, pem, spki)
        der = to_file(bench, "pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER")
        yield "PKCS#8, DER", name, partial(private, bench, der, spki)
        sealed = openssl("pkcs8", "-topk8", "-in", key, *passout()).stdout
        yield "PKCS#8, sealed", name, partial(private, bench, sealed, spki)
        words = ["pkcs8", "-topk8", "-in", key, *passout(), "-outform", "DER"]
        sealed = to_file(bench, *words)
        yield "PKCS#8, sealed, DER", name, partial(private, bench, sealed, spki)
        base64ed = openssl("base64", "-in", bench.file(der)).stdout
        yield "Base64", name, partial(private, bench, base64ed, spki)
        if name != "Ed25519":
            old = openssl("pkey", "-in", key, "-traditional").stdout
            yield "PKCS#1 or SEC1", name, partial(private, bench, old, spki)
            command = "rsa" if name == "RSA 2048" else "ec"
            more = ["-traditional"] if command == "rsa" else []
            words = [command, "-in", key, *more, "-outform", "DER"]
            old = to_file(bench, *words)
            yield "PKCS#1 or SEC1, DER", name, partial(private, bench, old, spki)
            old = openssl(command, "-in", key, *more, "-aes128", *passout()).stdout
            yield (
                "PKCS#1 or SEC1, sealed",
                name,
                partial(helped, bench, old, spki, OLD_REMEDY),
            )
        yield "SPKI", name, partial(public, bench, spki, spki)
        der = to_file(bench, "pkey", "-in", key, "-pubout", "-outform", "DER")
        yield "SPKI, DER", name, partial(public, bench, der, spki)
        if name == "RSA 2048":
            pkcs1 = openssl("rsa", "-in", key, "-RSAPublicKey_out").stdout
            yield "PKCS#1, public", name, partial(public, bench, pkcs1, spki)
        request = openssl("req", "-new", "-key", key, "-subj", "/CN=k").stdout
        yield "request", name, partial(public, bench, request, spki)
        leaf = openssl(
            *("x509", "-req", "-CA", root, "-CAkey", root_file, "-CAcreateserial"),
            *("-in", bench.file(request)),
        ).stdout
        pems = [leaf, root.read_text()]
        yield "certificate", name, partial(certified, bench, leaf, spki, [leaf])
        der = to_file(bench, "x509", "-in", bench.file(leaf), "-outform", "DER")
        yield "certificate, DER", name, partial(certified, bench, der, spki, [leaf])
        yield "chain", name, partial(certified, bench, "".join(reversed(pems)), spki, pems)
        p12 = to_p12(bench, key, pems)
        yield "PKCS#12", name, partial(private, bench, p12, spki, pems)
        words = ["pkcs12", "-in", bench.file(p12), "-passin", f"pass:{PASSPHRASE}", "-nodes"]
        bags = openssl(*words).stdout
        holds("Bag Attributes" in bags, bags)
        yield "key and chain", name, partial(private, bench, bags, spki, pems)
    key = bench.file(openssl("genpkey", "-algorithm", *TYPES["P-384"]).stdout)
    spki = openssl("pkey", "-in", key, "-pubout").stdout
    for name, words in OPENSSL_SEALS.items():
        sealed = openssl("pkcs8", "-topk8", "-in", key, *passout(), *words).stdout
        yield "PKCS#8, sealed", name, partial(private, bench, sealed, spki)
    sealed = openssl("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-in", key, *passout()).stdout
    yield "PKCS#8, sealed", "PBES1", partial(helped, bench, sealed, spki, PBES1_REMEDY)
    explicit = openssl("ec", "-in", key, "-param_enc", "explicit").stdout
    yield (
        "PKCS#1 or SEC1",
        "explicit parameters",
        partial(helped, bench, explicit, spki, NAMED_REMEDY, passes=[]),
    )
    leaf = openssl("req", "-x509", "-key", key, "-subj", "/CN=k").stdout
    p12 = to_p12(bench, key, [leaf], "-legacy")
    yield "PKCS#12", "RC2 and 3DES", partial(private, bench, p12, spki, [leaf])


def by_keytool(bench):
    path = bench.path(".p12")
    store = ["-keystore", path, "-storepass", PASSPHRASE]
    new = ["-genkeypair", "-storetype", "PKCS12", "-dname"]
    words = ["-alias", "root", *KEYTOOL["P-256"], "-ext", "bc:c"]
    run(["keytool", *new, "CN=root", *words, *store])
    root = run(["keytool", "-exportcert", "-rfc", "-alias", "root", *store]).stdout
    for name, words in KEYTOOL.items():
        own = bench.path(".p12")
        key = ["-alias", "k", "-keystore", own, "-storepass", PASSPHRASE]
        run(["keytool", *new, "CN=k", *words, *key])
        request = run(["keytool", "-certreq", *key]).stdout
        signed = ["-gencert", "-alias", "root", "-rfc", "-infile", bench.file(request), *store]
        leaf = run(["keytool", *signed]).stdout
        spki = openssl("x509", "-pubkey", "-noout", input=leaf).stdout
        yield "request", name, partial(public, bench, request, spki)
        selfsigned = own.read_bytes()
        yield "PKCS#12", name, partial(private, bench, selfsigned, spki)
        reply = bench.file(leaf + root)
        run(["keytool", "-importcert", "-noprompt", "-file", reply, *key])
        pem = run(["keytool", "-exportcert", "-rfc", *key]).stdout
        pems = [pem, root]
        yield "certificate", name, partial(certified, bench, pem, spki, [pem])
        der = bench.path()
        run(["keytool", "-exportcert", "-file", der, *key])
        yield "certificate, DER", name, partial(certified, bench, der.read_bytes(), spki, [pem])
        listed = run(["keytool", "-list", "-rfc", *key]).stdout
        holds("Certificate[2]:" in listed, listed)
        yield "chain", name, partial(certified, bench, listed, spki, pems)
        if name == "P-384":
            whole = own.read_bytes()
            yield "PKCS#12", "with chain", partial(private, bench, whole, spki, pems)
    old = bench.path(".p12")
    key = ["-alias", "k", "-keystore", old, "-storepass", PASSPHRASE]
    legacy = "-J-Dkeystore.pkcs12.legacy"
    run(["keytool", legacy, *new, "CN=k", *KEYTOOL["P-384"], *key])
    pem = run(["keytool", "-exportcert", "-rfc", *key]).stdout
    spki = openssl("x509", "-pubkey", "-noout", input=pem).stdout
    yield "PKCS#12", "RC2 and 3DES", partial(private, bench, old.read_bytes(), spki)


def by_ssh_keygen(bench):
    for name, words in SSH_KEYGEN.items():
        path, line, spki = ssh_key(bench, words, "")
        yield "OpenSSH", name, partial(private, bench, path.read_bytes(), spki)
        yield "OpenSSH, public", name, partial(public, bench, line.read_bytes(), spki)
        sealed, _, other = ssh_key(bench, words, PASSPHRASE)
        yield "OpenSSH, sealed", name, partial(private, bench, sealed.read_bytes(), other)
        if name == "Ed25519":
            continue
        pem = run(["ssh-keygen", "-e", "-m", "PKCS8", "-f", line]).stdout
        yield "SPKI", name, partial(public, bench, pem, spki)
        if name == "RSA 2048":
            pem = run(["ssh-keygen", "-e", "-m", "PEM", "-f", line]).stdout
            yield "PKCS#1, public", name, partial(public, bench, pem, spki)
        for form, kind in {"PKCS#8": "PKCS8", "PKCS#1 or SEC1": "PEM"}.items():
            path, _, spki = ssh_key(bench, [*words, "-m", kind], "")
            yield form, name, partial(private, bench, path.read_bytes(), spki)
        path, _, spki = ssh_key(bench, [*words, "-m", "PKCS8"], PASSPHRASE)
        yield "PKCS#8, sealed", name, partial(private, bench, path.read_bytes(), spki)
        path, _, spki = ssh_key(bench, [*words, "-m", "PEM"], PASSPHRASE)
        yield (
            "PKCS#1 or SEC1, sealed",
            name,
            partial(helped, bench, path.read_text(), spki, OLD_REMEDY),
        )


def by_jose(bench):
    publics = []
    for name, (alg, seal, enc) in JOSE.items():
        made = bench.node("jose.mjs", "keys", alg=alg)
        spki = made["spki"]
        yield "PKCS#8", name, partial(private, bench, made["pkcs8"], spki)
        yield "SPKI", name, partial(public, bench, spki, spki)
        yield "JWK", name, partial(private, bench, json.dumps(made["jwk"]), spki)
        yield "JWK, public", name, partial(public, bench, json.dumps(made["public"]), spki)
        publics.append(made["public"])
        given = {"alg": seal, "enc": enc, "passphrase": PASSPHRASE}
        sealed = bench.node("jose.mjs", "sealJwk", jwk=made["jwk"], **given)
        for how, content in sealed.items():
            yield "JWK, sealed", f"{name}, {how}", partial(private, bench, content, spki)
    private_set = [bench.node("jose.mjs", "keys", alg="ES256")["jwk"], *publics[2:]]
    yield "JWK Set", "public", partial(jwk_set, bench, publics)
    yield "JWK Set", "mixed", partial(jwk_set, bench, private_set)


def by_forge(bench):
    made = bench.node("forge.mjs", "forms", passphrase=PASSPHRASE)
    spki, leaf, issuer = made["spki"], made["leaf"], made["issuer"]
    pems = [leaf, issuer]

    def der(name):
        return base64.b64decode(made[name])

    name = "RSA 2048"
    yield "PKCS#8", name, partial(private, bench, made["pkcs8"], spki)
    yield "PKCS#8, DER", name, partial(private, bench, der("pkcs8-der"), spki)
    for seal, pem in made["pkcs8-enc"].items():
        # Forge knows 3DES by PBES1 alone.
        reads = partial(helped, words=PBES1_REMEDY) if seal == "3des" else private
        yield "PKCS#8, sealed", seal, partial(reads, bench, pem, spki)
    yield "PKCS#8, sealed, DER", name, partial(private, bench, der("pkcs8-enc-der"), spki)
    yield "PKCS#1 or SEC1", name, partial(private, bench, made["traditional"], spki)
    yield "PKCS#1 or SEC1, DER", name, partial(private, bench, der("traditional-der"), spki)
    old = partial(helped, bench, made["traditional-enc"], spki, OLD_REMEDY)
    yield "PKCS#1 or SEC1, sealed", name, old
    yield "SPKI", name, partial(public, bench, spki, spki)
    yield "SPKI, DER", name, partial(public, bench, der("spki-der"), spki)
    yield "PKCS#1, public", name, partial(public, bench, made["pkcs1-public"], spki)
    yield "certificate", name, partial(certified, bench, leaf, spki, [leaf])
    yield "certificate, DER", name, partial(certified, bench, der("leaf-der"), spki, [leaf])
    yield "chain", name, partial(certified, bench, issuer + leaf, spki, pems)
    whole = made["pkcs8"] + leaf + issuer
    yield "key and chain", name, partial(private, bench, whole, spki, pems)
    yield "request", name, partial(public, bench, made["request"], spki)
    for seal, p12 in made["p12"].items():
        chain = pems if seal == "aes256" else None
        yield "PKCS#12", seal, partial(private, bench, base64.b64decode(p12), spki, chain)
    yield "OpenSSH, public", name, partial(public, bench, made["ssh"], spki)
    yield "Base64", name, partial(private, bench, made["pkcs8-der"], spki)


def by_python(bench):
    root_key = PYTHON["P-256"]()
    root = x509_certificate(root_key, "root", root_key, "root")
    seal = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    jwks = []
    for name, generate in PYTHON.items():
        key = generate()
        spki = spki_pem(key)

        def write(encoding, form, how=OPEN, key=key):
            return key.private_bytes(encoding, form, how)

        pem, der = write(ENCODING.PEM, PRIVATE.PKCS8), write(ENCODING.DER, PRIVATE.PKCS8)
        yield "PKCS#8", name, partial(private, bench, pem, spki)
        yield "PKCS#8, DER", name, partial(private, bench, der, spki)
        yield "Base64", name, partial(private, bench, base64.b64encode(der), spki)
        sealed = write(ENCODING.PEM, PRIVATE.PKCS8, seal)
        yield "PKCS#8, sealed", name, partial(private, bench, sealed, spki)
        sealed = write(ENCODING.DER, PRIVATE.PKCS8, seal)
        yield "PKCS#8, sealed, DER", name, partial(private, bench, sealed, spki)
        if name != "Ed25519":
            old = PRIVATE.TraditionalOpenSSL
            pem, der = write(ENCODING.PEM, old), write(ENCODING.DER, old)
            yield "PKCS#1 or SEC1", name, partial(private, bench, pem, spki)
            yield "PKCS#1 or SEC1, DER", name, partial(private, bench, der, spki)
            sealed = write(ENCODING.PEM, old, seal).decode()
            check = partial(helped, bench, sealed, spki, OLD_REMEDY)
            yield "PKCS#1 or SEC1, sealed", name, check
        own = key.public_key()
        yield "SPKI", name, partial(public, bench, spki, spki)
        der = own.public_bytes(ENCODING.DER, PUBLIC.SubjectPublicKeyInfo)
        yield "SPKI, DER", name, partial(public, bench, der, spki)
        if name == "RSA 2048":
            pem = own.public_bytes(ENCODING.PEM, PUBLIC.PKCS1)
            yield "PKCS#1, public", name, partial(public, bench, pem, spki)
        leaf = x509_certificate(key, "k", root_key, "root")
        pems = [certificate.public_bytes(ENCODING.PEM).decode() for certificate in (leaf, root)]
        yield "certificate", name, partial(certified, bench, pems[0], spki, pems[:1])
        der = leaf.public_bytes(ENCODING.DER)
        yield "certificate, DER", name, partial(certified, bench, der, spki, pems[:1])
        yield "chain", name, partial(certified, bench, pems[1] + pems[0], spki, pems)
        whole = write(ENCODING.PEM, PRIVATE.PKCS8).decode() + "".join(pems)
        yield "key and chain", name, partial(private, bench, whole, spki, pems)
        request = x509.CertificateSigningRequestBuilder(x509_name("k")).sign(key, digest(key))
        pem = request.public_bytes(ENCODING.PEM)
        yield "request", name, partial(public, bench, pem, spki)
        p12 = pkcs12.serialize_key_and_certificates(b"k", key, leaf, [root], seal)
        yield "PKCS#12", name, partial(private, bench, p12, spki, pems)
        yield "OpenSSH", name, partial(private, bench, write(ENCODING.PEM, PRIVATE.OpenSSH), spki)
        sealed = write(ENCODING.PEM, PRIVATE.OpenSSH, seal)
        yield "OpenSSH, sealed", name, partial(private, bench, sealed, spki)
        line = own.public_bytes(ENCODING.OpenSSH, PUBLIC.OpenSSH)
        yield "OpenSSH, public", name, partial(public, bench, line, spki)
        jwk = json.loads(PYJWT[name].to_jwk(key)) | {"kid": name.replace(" ", "-")}
        open_jwk = json.loads(PYJWT[name].to_jwk(own)) | {"kid": jwk["kid"]}
        jwks.append(open_jwk)
        yield "JWK", name, partial(private, bench, json.dumps(jwk), spki)
        yield "JWK, public", name, partial(public, bench, json.dumps(open_jwk), spki)
        given = {"alg": JOSE[name][1], "enc": JOSE[name][2], "cty": "jwk+json"}
        names = [given["alg"], given["enc"]]
        sealed = jwe.encrypt_compact(given, json.dumps(jwk), secret(), algorithms=names)
        yield "JWK, sealed", name, partial(private, bench, sealed, spki)
    mixed = json.loads(PYJWT["P-256"].to_jwk(PYTHON["P-256"]())) | {"kid": "own"}
    yield "JWK Set", "public", partial(jwk_set, bench, jwks)
    yield "JWK Set", "mixed", partial(jwk_set, bench, [mixed, *jwks])


WRITERS = {
    "OpenSSL": by_openssl,
    "keytool": by_keytool,
    "ssh-keygen": by_ssh_keygen,
    "npm jose": by_jose,
    "node-forge": by_forge,
    "Python": by_python,
}


def private(bench, content, spki, pems=None):
    """keyfob reads a private key in it, and the chain where one is named."""
    keyfob = imported(bench, content)
    equal(keyfob.export("k", "spki"), spki, "the public half")
    loaded = serialization.load_pem_private_key(keyfob.private("k", "pkcs8").encode(), None)
    equal(spki_pem(loaded), spki, "the private half")
    if pems is not None:
        equal(keyfob.export("k", "chain"), normal(pems), "the chain")


def public(bench, content, spki):
    """keyfob reads a public key in it, and no more."""
    keyfob = imported(bench, content)
    equal(keyfob.export("k", "spki"), spki, "the public key")
    words = ["keys", "export", "k", "--as", "pkcs8", "--private", "--out", "-"]
    keyfob.run(*words, codes=(3,))


def certified(bench, content, spki, pems):
    """keyfob reads a public key with its certificates, leaf first."""
    keyfob = imported(bench, content)
    equal(keyfob.export("k", "spki"), spki, "the public key")
    equal(keyfob.export("k", "chain"), normal(pems), "the chain")


def jwk_set(bench, jwks):
    """keyfob reads every key of a set."""
    keyfob = bench.keyfob()
    keyfob.run("keys", "import", str(bench.file(json.dumps({"keys": jwks}))))
    kids = [jwk["kid"] for jwk in jwks]
    listed = json.loads(keyfob.run("keys", "list", "--json").stdout)
    equal(sorted(key["kid"] for key in listed), sorted(kids), "the keys")
    for jwk in jwks:
        words = ["--private", "--out", "-"] if "d" in jwk else []
        exported = json.loads(keyfob.export(jwk["kid"], "jwk", *words))
        material = [name for name in jwk if name not in ["key_ops", "alg", "use"]]
        expected = {name: jwk[name] for name in material}
        equal({name: exported.get(name) for name in material}, expected, "the JWK")


def helped(bench, content, spki, words, passes=None):
    """keyfob refuses it with the command of OpenSSL after which it reads it."""
    keyfob = bench.keyfob()
    file = bench.file(content)
    given = ["--file-passphrase-file", str(bench.file(PASSPHRASE + "\n"))]
    said = keyfob.run("keys", "import", str(file), *given, codes=(2,)).stderr
    for word in ["openssl", *words]:
        holds(f" {word} " in said, f"{word} is not in {said}")
    passes = ["-passin", f"pass:{PASSPHRASE}", *passout()] if passes is None else passes
    new = bench.path()
    openssl(*words, "-in", file, "-out", new, *passes)
    private(bench, new.read_bytes(), spki)


def imported(bench, content):
    keyfob = bench.keyfob()
    given = ["--file-passphrase-file", str(bench.file(PASSPHRASE + "\n"))]
    keyfob.run("keys", "import", str(bench.file(content)), "--kid", "k", *given)
    return keyfob


def ssh_key(bench, words, passphrase):
    """A new key's two files, and its public half as SPKI."""
    path = bench.path()
    run(["ssh-keygen", "-q", *words, "-N", passphrase, "-C", "somebody@host", "-f", path])
    line = path.with_suffix(".pub")
    key = serialization.load_ssh_public_key(line.read_bytes())
    return path, line, key.public_bytes(ENCODING.PEM, PUBLIC.SubjectPublicKeyInfo).decode()


def to_p12(bench, key, pems, *words):
    path = bench.path(".p12")
    certificates = bench.file("".join(pems))
    openssl(
        *("pkcs12", "-export", "-inkey", key, "-in", certificates, "-out", path),
        *(*passout(), *words),
    )
    return path.read_bytes()


def to_file(bench, *words):
    """What openssl writes where it is no text."""
    path = bench.path()
    openssl(*words, "-out", path)
    return path.read_bytes()


def normal(pems):
    """Certificates one after the other, without text around them."""
    loaded = [x509.load_pem_x509_certificate(pem.encode()) for pem in pems]
    return "".join(one.public_bytes(ENCODING.PEM).decode() for one in loaded)


def x509_certificate(key, subject, issuer_key, issuer):
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder(x509_name(issuer), x509_name(subject), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(subject == issuer, None), True)
    )
    return builder.sign(issuer_key, digest(issuer_key))


def x509_name(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def digest(key):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def spki_pem(key):
    public_key = key if hasattr(key, "public_bytes") else key.public_key()
    return public_key.public_bytes(ENCODING.PEM, PUBLIC.SubjectPublicKeyInfo).decode()


def secret():
    """The passphrase as joserfc takes it, which finds it short."""
    with warnings.catch_warnings(action="ignore"):
        return OctKey.import_key(PASSPHRASE.encode())


def passout():
    return ["-passout", f"pass:{PASSPHRASE}"]
