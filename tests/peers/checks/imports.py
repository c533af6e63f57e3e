"""JWKs that npm's jose and PyJWT wrote, imported and exported member for member."""

import json
from functools import partial

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bench import equal

SECRET = ["d", "p", "q", "dp", "dq", "qi"]
JOSE = ["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
PYTHON = {
    "RSA 2048": (lambda: rsa.generate_private_key(65537, 2048), jwt.algorithms.RSAAlgorithm),
    "P-256": (lambda: ec.generate_private_key(ec.SECP256R1()), jwt.algorithms.ECAlgorithm),
    "P-384": (lambda: ec.generate_private_key(ec.SECP384R1()), jwt.algorithms.ECAlgorithm),
    "P-521": (lambda: ec.generate_private_key(ec.SECP521R1()), jwt.algorithms.ECAlgorithm),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, jwt.algorithms.OKPAlgorithm),
}


def checks(bench):
    for alg in JOSE:
        made = bench.node("jose.mjs", "keys", alg=alg)
        title = f"{alg} of npm jose"
        yield f"{title}: a private JWK", partial(private_jwk, bench, made["jwk"])
        yield f"{title}: a public JWK", partial(public_jwk, bench, made["public"])
    yield "a JWK Set of npm jose with every key type", partial(jwk_set, bench)
    for name, (generate, members) in PYTHON.items():
        jwk = json.loads(members.to_jwk(generate()))
        yield f"{name} of PyJWT: a private JWK without a kid", partial(bare_jwk, bench, jwk)


def private_jwk(bench, jwk):
    keyfob = imported(bench, json.dumps(jwk))
    equal(json.loads(keyfob.private(jwk["kid"], "jwk")), jwk, "the private JWK")
    public = {name: value for name, value in jwk.items() if name not in SECRET}
    equal(keyfob.jwk(jwk["kid"]), public, "the public JWK")


def public_jwk(bench, jwk):
    keyfob = imported(bench, json.dumps(jwk))
    equal(keyfob.jwk(jwk["kid"]), jwk, "the JWK")
    keyfob.run("keys", "export", jwk["kid"], "--as", "pkcs8", "--private", "--out", "-", codes=(3,))


def bare_jwk(bench, jwk):
    keyfob = imported(bench, json.dumps(jwk), "bare")
    material = [name for name in jwk if name not in ["key_ops", "alg", "use", "kid"]]
    exported = json.loads(keyfob.private("bare", "jwk"))
    expected = {name: jwk[name] for name in material}
    equal({name: exported[name] for name in material}, expected, "the private JWK")


def jwk_set(bench):
    keys = [bench.node("jose.mjs", "keys", alg=alg)["public"] for alg in JOSE]
    keyfob = imported(bench, json.dumps({"keys": keys}))
    exported = json.loads(keyfob.run("jwks").stdout)["keys"]
    in_order = partial(sorted, key=lambda jwk: jwk["kid"])
    equal(in_order(exported), in_order(keys), "the keys")


def imported(bench, content, kid=None):
    keyfob = bench.keyfob()
    name = [] if kid is None else ["--kid", kid]
    keyfob.run("keys", "import", str(bench.file(content)), *name)
    return keyfob

