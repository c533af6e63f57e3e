"""Tokens a second with PyJWT: `python3 pyjwt.py ALG`, the key parsed once."""

import sys
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

alg = sys.argv[1]
key = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if alg == "RS256"
    else ec.generate_private_key(ec.SECP256R1())
)


def one():
    now = int(time.time())
    claims = {
        "sub": "john.doe",
        "name": "John Doe",
        "iat": now,
        "jti": str(uuid.uuid4()),
        "exp": now + 3600,
    }
    return jwt.encode(claims, key, algorithm=alg, headers={"kid": "bench"})


for _ in range(200):
    one()
start = time.perf_counter()
count = 0
while time.perf_counter() - start < 2:
    one()
    count += 1
print(count / (time.perf_counter() - start))
