"""Every algorithm with npm's jose, PyJWT and openssl, both ways."""

import base64
import json
import time
from functools import partial

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from bench import each, equal, holds, openssl

ALGORITHMS = [
    "RS256", "RS384", "RS512",
    "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512",
    "EdDSA", "Ed25519",
]  # fmt: skip
EDWARDS = ["EdDSA", "Ed25519"]
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
GROUPS = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
FIELDS = {"ES256": 32, "ES384": 48, "ES512": 66}
COUNT = 100
# What a peer cannot do, why not, and what it knows: the check fails when it has learnt it.
UNABLE = {
    ("PyJWT", "Ed25519"): (
        "it knows EdDSA, and not the name that RFC 9864 gives it",
        jwt.algorithms.get_default_algorithms,
    ),
}


def checks(bench):
    keyfob = bench.keyfob()
    for alg in ALGORITHMS:
        keyfob.run("keys", "new", alg, "--alg", alg)
        tokens = keyfob.run("mint", "--key", alg, "--count", str(COUNT)).stdout.split()
        for peer, judge, make in [
            ("npm jose", by_jose, jose_made),
            ("PyJWT", by_pyjwt, pyjwt_made),
            ("openssl", by_openssl, openssl_made),
        ]:
            if (peer, alg) in UNABLE:
                reason, known = UNABLE[peer, alg]
                yield f"{alg}: not tried with {peer}: {reason}", partial(unknown, alg, known)
                continue
            yield (
                f"{alg}: {COUNT} tokens of keyfob are verified by {peer}, changed ones refused",
                partial(of_keyfob, keyfob, alg, tokens, judge),
            )
            yield (
                f"{alg}: {COUNT} tokens of {peer} are verified by keyfob, changed ones refused",
                partial(of_peer, keyfob, alg, make),
            )


def unknown(alg, known):
    holds(alg not in known(), f"{alg} is known now: try it")


def of_keyfob(keyfob, alg, tokens, judge):
    equal(len(tokens), COUNT, "tokens minted")
    equal(judge(keyfob, alg, tokens), [True] * COUNT, "the verdicts")
    changed = one_bit_changed(tokens)
    equal(judge(keyfob, alg, changed), [False] * COUNT, "the verdicts of changed ones")


def of_peer(keyfob, alg, make):
    key, tokens = make(keyfob.bench, alg)
    equal(len(tokens), COUNT, "tokens made")

    def verdict(token):
        ended = keyfob.run("verify", "-", "--key", str(key), input=token, codes=(0, 1, 2))
        return ended.code, ended.stdout.split("\n", 1)[0]

    equal(each(verdict, tokens), [(0, "valid")] * COUNT, "the verdicts")
    verdicts = each(verdict, one_bit_changed(tokens))
    # A changed header or payload may be no JSON any more, which is bad input.
    holds(
        all(seen in [(1, "invalid"), (2, "")] for seen in verdicts),
        f"the verdicts of changed ones are {verdicts}",
    )
    signatures = verdicts[2::3]
    equal(signatures, [(1, "invalid")] * len(signatures), "the verdicts of changed signatures")


def by_jose(keyfob, alg, tokens):
    verdicts = keyfob.bench.node("jose.mjs", "verify", alg=alg, jwk=keyfob.jwk(alg), tokens=tokens)
    return ["payload" in verdict for verdict in verdicts]


def by_pyjwt(keyfob, alg, tokens):
    key = jwt.PyJWK(keyfob.jwk(alg))

    def verdict(token):
        try:
            jwt.decode(token, key, algorithms=[alg], options={"verify_aud": False})
        except jwt.PyJWTError:
            return False
        return True

    return [verdict(token) for token in tokens]


def by_openssl(keyfob, alg, tokens):
    bench = keyfob.bench
    key = bench.file(keyfob.export(alg, "spki"))

    def verdict(token):
        signed, signature = token.rsplit(".", 1)
        signature = unpacked(signature)
        if alg in FIELDS:
            half = FIELDS[alg]
            equal(len(signature), 2 * half, "bytes of the signature")
            r, s = (int.from_bytes(part) for part in (signature[:half], signature[half:]))
            signature = encode_dss_signature(r, s)
        signature, signed = bench.file(signature), bench.file(signed)
        if alg in EDWARDS:
            words = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", signed]
            words += ["-sigfile", signature]
        else:
            words = ["dgst", *digest(alg), "-verify", key, "-signature", signature, signed]
        return openssl(*words, codes=(0, 1)).code == 0

    return each(verdict, tokens)


def jose_made(bench, alg):
    """A JWK file and tokens."""
    made = bench.node("jose.mjs", "make", alg=alg, count=COUNT)
    return bench.file(json.dumps(made["jwk"]), ".jwk"), made["tokens"]


def pyjwt_made(bench, alg):
    """An SPKI file and tokens."""
    if alg in EDWARDS:
        private = ed25519.Ed25519PrivateKey.generate()
    elif alg in CURVES:
        private = ec.generate_private_key(CURVES[alg])
    else:
        private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    tokens = [jwt.encode(claims(n), private, algorithm=alg) for n in range(COUNT)]
    return bench.file(public, ".pem"), tokens


def openssl_made(bench, alg):
    """An SPKI file and tokens."""
    private, public = bench.path(".pem"), bench.path(".pem")
    if alg in EDWARDS:
        openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    elif alg in GROUPS:
        group = f"ec_paramgen_curve:{GROUPS[alg]}"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", group, "-out", private)
    else:
        size = "rsa_keygen_bits:2048"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", size, "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)

    def token(n):
        header = packed(json.dumps({"alg": alg, "typ": "JWT"}))
        signed = f"{header}.{packed(json.dumps(claims(n)))}"
        file, out = bench.file(signed), bench.path()
        if alg in EDWARDS:
            openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", file, "-out", out)
        else:
            openssl("dgst", *digest(alg), "-sign", private, "-out", out, file)
        signature = out.read_bytes()
        if alg in FIELDS:
            half = FIELDS[alg]
            signature = b"".join(part.to_bytes(half) for part in decode_dss_signature(signature))
        return f"{signed}.{packed(signature)}"

    return public, each(token, range(COUNT))


def claims(n):
    now = int(time.time())
    return {"sub": "peer", "name": "José", "iat": now, "exp": now + 600, "jti": f"{n}"}


def digest(alg):
    words = [f"-sha{alg[2:]}"]
    if alg.startswith("PS"):
        words += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    return words


def one_bit_changed(tokens):
    """One bit in the header, the payload or the signature, in turn."""
    changed = []
    for n, token in enumerate(tokens):
        parts = token.split(".")
        content = bytearray(unpacked(parts[n % 3]))
        bit = 37 * n % (8 * len(content))
        content[bit // 8] ^= 1 << bit % 8
        parts[n % 3] = packed(content)
        changed.append(".".join(parts))
    return changed


def packed(content):
    content = content.encode() if isinstance(content, str) else bytes(content)
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
