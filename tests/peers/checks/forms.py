"""The matrix of forms: what OpenSSL, Java's keytool, ssh-keygen, npm's jose, node-forge and
Python's cryptography write is read by keyfob, and what keyfob writes by each of them."""

import base64
import datetime
from collections import Counter
from functools import partial
from itertools import chain

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from bench import equal, holds, openssl, run

PASSPHRASE = "correct horse"
ENCODING = serialization.Encoding
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
TYPES = {
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "EdDSA"]
OPENSSL_SEALS = {
    "AES-128, PBKDF2-SHA1": ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"],
    "AES-192, PBKDF2-SHA512": ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"],
    "AES-256, PBKDF2-SHA256": ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"],
    "3DES": ["-v2", "des3"],
    "scrypt": ["-scrypt"],
}
KEYTOOL = {
    "RSA 2048": ["-keyalg", "RSA", "-keysize", "2048"],
    "P-256": ["-keyalg", "EC", "-groupname", "secp256r1"],
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
JOSE = [
    ("PBES2-HS256+A128KW", "A128CBC-HS256"),
    ("PBES2-HS256+A128KW", "A256GCM"),
    ("PBES2-HS512+A256KW", "A256CBC-HS512"),
    ("PBES2-HS512+A256KW", "A128GCM"),
]


def checks(bench):
    tried, done = Counter(), Counter()
    for title, check in chain(read_by_keyfob(bench), written_by_keyfob(bench)):
        yield title, partial(counted, title, check, tried, done)
    for pair in tried:
        writer, reader = pair
        print(f"      {writer:12} -> {reader:12} {done[pair]:3} of {tried[pair]} forms", flush=True)


def counted(title, check, tried, done):
    """Runs the check, and counts it for who writes and who reads."""
    writer, _, what = title.partition("'s ")
    _, arrow, reader = what.rpartition(" -> ")
    pair = (writer, reader if arrow else "keyfob")
    tried[pair] += 1
    check()
    done[pair] += 1


def read_by_keyfob(bench):
    for name, generate in TYPES.items():
        key = generate()
        for form, content in python_writes(key, name).items():
            yield f"Python's {name}, {form} -> keyfob", partial(read, bench, content, spki(key))
    key = TYPES["P-384"]()
    pem = pkcs8(key)
    for name, words in OPENSSL_SEALS.items():
        sealed = openssl(
            "pkcs8", "-topk8", "-passout", f"pass:{PASSPHRASE}", *words, input=pem
        ).stdout
        yield f"OpenSSL's PKCS#8, {name} -> keyfob", partial(read, bench, sealed, spki(key))
    for name, words in {"AES": [], "RC2 and 3DES": ["-legacy"]}.items():
        yield (
            f"OpenSSL's PKCS#12, {name} -> keyfob",
            partial(read_openssl_p12, bench, key, words),
        )
    sealed = openssl("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", *passout(), input=pem).stdout
    helped = "refused, and the named command helps"
    yield f"OpenSSL's PBES1 is {helped}", partial(pbes1, bench, sealed)
    sealed = openssl("ec", "-aes128", *passout(), input=pem).stdout
    yield f"OpenSSL's sealed SEC1 is {helped}", partial(old_pem, bench, sealed)
    explicit = openssl("ec", "-param_enc", "explicit", input=pem).stdout
    yield f"OpenSSL's explicit parameters are {helped}", partial(named, bench, explicit)
    for name, words in KEYTOOL.items():
        yield f"keytool's {name}, PKCS#12 -> keyfob", partial(read_keytool, bench, words)
    for name, words in SSH_KEYGEN.items():
        for how, passphrase in {"open": "", "sealed": PASSPHRASE}.items():
            yield (
                f"ssh-keygen's {name}, {how} -> keyfob",
                partial(read_ssh_keygen, bench, words, passphrase),
            )
    for alg, enc in JOSE:
        made = bench.node("jose.mjs", "encryptedJwk", alg=alg, enc=enc, passphrase=PASSPHRASE)
        for form in ["flattened", "compact"]:
            yield (
                f"npm jose's encrypted JWK, {alg}, {enc}, {form} -> keyfob",
                partial(read, bench, made[form], made["spki"]),
            )
    made = bench.node("forge.mjs", "sealed", passphrase=PASSPHRASE)
    yield "node-forge's sealed PKCS#8 -> keyfob", partial(read, bench, made["pkcs8"], made["spki"])
    p12 = base64.b64decode(made["p12"])
    yield "node-forge's PKCS#12 -> keyfob", partial(read, bench, p12, made["spki"])
    yield "node-forge's PKCS#1 -> keyfob", partial(read, bench, made["pkcs1"], made["spki"])


def written_by_keyfob(bench):
    for alg in ALGORITHMS:
        keyfob = bench.keyfob()
        keyfob.run("keys", "new", "k", "--alg", alg)
        public = keyfob.export("k", "spki")
        give = partial(give_to, keyfob, public)
        forms = ["pkcs8", "pkcs8-enc", "bundle"]
        forms += ["pkcs1"] if alg == "RS256" else ["sec1"] if alg != "EdDSA" else []
        for form in forms:
            yield f"keyfob's {alg}, {form} -> OpenSSL", partial(give, form, openssl_pkey)
            yield f"keyfob's {alg}, {form} -> Python", partial(give, form, python_pem)
        yield f"keyfob's {alg}, p12 -> OpenSSL", partial(give, "p12", openssl_p12)
        yield f"keyfob's {alg}, p12 -> Python", partial(give, "p12", python_p12)
        yield f"keyfob's {alg}, p12 -> keytool", partial(give, "p12", keytool)
        for form in ["ssh-private", "ssh-private sealed"]:
            yield f"keyfob's {alg}, {form} -> ssh-keygen", partial(give, form, ssh_keygen)
            yield f"keyfob's {alg}, {form} -> Python", partial(give, form, python_ssh)
        yield f"keyfob's {alg}, ssh -> ssh-keygen", partial(ssh_public, keyfob, public)
        decrypt = partial(jose_decrypt, bench)
        yield f"keyfob's {alg}, jwe -> npm jose", partial(give, "jwe", decrypt)
        if alg == "RS256":
            for form in ["pkcs8-enc", "p12", "pkcs1"]:
                open_it = partial(forge_open, bench, form)
                yield f"keyfob's {alg}, {form} -> node-forge", partial(give, form, open_it)


def read(bench, content, public):
    keyfob = bench.keyfob()
    given = ["--file-passphrase-file", str(bench.file(PASSPHRASE + "\n"))]
    keyfob.run("keys", "import", str(bench.file(content)), "--kid", "k", *given)
    equal(keyfob.export("k", "spki"), public, "the public half")
    loaded = serialization.load_pem_private_key(keyfob.private("k", "pkcs8").encode(), None)
    equal(spki(loaded), public, "the private half")


def read_openssl_p12(bench, key, words):
    read(bench, openssl_written_p12(bench, key, words), spki(key))


def openssl_written_p12(bench, key, words):
    private, leaf = bench.file(pkcs8(key)), bench.file(certificate(key))
    path = bench.path(".p12")
    openssl(
        "pkcs12", "-export", "-inkey", private, "-in", leaf, "-out", path, *passout(), *words
    )
    return path.read_bytes()


def pbes1(bench, sealed):
    again = ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-provider", "default", "-provider", "legacy"]
    refused_then_read(bench, sealed, again)


def old_pem(bench, sealed):
    refused_then_read(bench, sealed, ["pkey", "-aes256"])


def named(bench, explicit):
    refused_then_read(bench, explicit, ["pkey", "-ec_param_enc", "named_curve"], passes=[])


def refused_then_read(bench, content, words, passes=None):
    keyfob = bench.keyfob()
    file = bench.file(content)
    given = ["--file-passphrase-file", str(bench.file(PASSPHRASE + "\n"))]
    said = keyfob.run("keys", "import", str(file), *given, codes=(2,)).stderr
    for word in ["openssl", *words]:
        holds(f" {word} " in said, f"{word} is not in {said}")
    passes = ["-passin", f"pass:{PASSPHRASE}", *passout()] if passes is None else passes
    new = bench.path()
    openssl(*words, "-in", file, "-out", new, *passes)
    keyfob.run("keys", "import", str(new), *given)


def read_keytool(bench, words):
    path = bench.path(".p12")
    store = ["-keystore", path, "-storepass", PASSPHRASE]
    new = ["-genkeypair", "-alias", "k", "-dname", "CN=k", "-storetype", "PKCS12"]
    run(["keytool", *new, *words, *store])
    pem = run(["keytool", "-exportcert", "-rfc", "-alias", "k", *store]).stdout
    public = openssl("x509", "-pubkey", "-noout", input=pem).stdout
    read(bench, path.read_bytes(), public)


def read_ssh_keygen(bench, words, passphrase):
    path = bench.path()
    run(["ssh-keygen", "-q", *words, "-N", passphrase, "-C", "somebody@host", "-f", path])
    public = serialization.load_ssh_public_key(path.with_suffix(".pub").read_bytes())
    expected = public.public_bytes(ENCODING.PEM, SPKI).decode()
    read(bench, path.read_bytes(), expected)
    keyfob = bench.keyfob()
    keyfob.run("keys", "import", str(path.with_suffix(".pub")), "--kid", "k")
    equal(keyfob.export("k", "spki"), expected, "the public key")


def python_writes(key, name):
    """The forms that Python has for a key, sealed and open."""
    formats = serialization.PrivateFormat
    seal = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    none = serialization.NoEncryption()
    leaf = x509.load_pem_x509_certificate(certificate(key).encode())
    forms = {
        "PKCS#8": key.private_bytes(ENCODING.PEM, formats.PKCS8, none),
        "PKCS#8 as DER": key.private_bytes(ENCODING.DER, formats.PKCS8, none),
        "sealed PKCS#8": key.private_bytes(ENCODING.PEM, formats.PKCS8, seal),
        "sealed PKCS#8 as DER": key.private_bytes(ENCODING.DER, formats.PKCS8, seal),
        "OpenSSH": key.private_bytes(ENCODING.PEM, formats.OpenSSH, none),
        "sealed OpenSSH": key.private_bytes(ENCODING.PEM, formats.OpenSSH, seal),
        "PKCS#12": pkcs12.serialize_key_and_certificates(b"k", key, leaf, None, seal),
    }
    if name != "Ed25519":
        traditional = formats.TraditionalOpenSSL
        forms["PKCS#1 or SEC1"] = key.private_bytes(ENCODING.PEM, traditional, none)
        forms["PKCS#1 or SEC1 as DER"] = key.private_bytes(ENCODING.DER, traditional, none)
    return forms


def give_to(keyfob, public, form, reader):
    """What `reader` sees in a file of `form` must be the public half."""
    form, *sealed = form.split(" ")
    path = keyfob.bench.path(f".{form}")
    words = ["--private", "--out", str(path)]
    if sealed or form in ["pkcs8-enc", "p12", "jwe"]:
        words += ["--file-passphrase-file", str(keyfob.bench.file(PASSPHRASE + "\n"))]
    keyfob.export("k", form, *words)
    equal(reader(path), public, "the public half")


def openssl_pkey(path):
    return openssl("pkey", "-in", path, "-passin", f"pass:{PASSPHRASE}", "-pubout").stdout


def openssl_p12(path):
    words = ["-passin", f"pass:{PASSPHRASE}", "-nodes"]
    opened = openssl("pkcs12", "-in", path, *words).stdout
    leaf = openssl("x509", "-pubkey", "-noout", input=opened).stdout
    equal(openssl("pkey", "-pubout", input=opened).stdout, leaf, "the certificate's key")
    return leaf


def keytool(path):
    store = ["-keystore", path, "-storepass", PASSPHRASE]
    listed = run(["keytool", "-list", *store]).stdout
    holds("PrivateKeyEntry" in listed, f"no private key in {listed}")
    csr = run(["keytool", "-certreq", "-alias", "k", *store]).stdout
    return openssl("req", "-pubkey", "-noout", "-verify", input=csr).stdout


def ssh_keygen(path):
    words = ["ssh-keygen", "-y", "-P", PASSPHRASE, "-f", path]
    line = run(words).stdout
    return ssh_spki(line)


def ssh_public(keyfob, public):
    line = keyfob.export("k", "ssh")
    path = keyfob.bench.file(line)
    equal(run(["ssh-keygen", "-l", "-f", path]).stdout.split()[2], "k", "the comment")
    equal(ssh_spki(line), public, "the public key")


def python_pem(path):
    content = path.read_bytes()
    sealed = PASSPHRASE.encode() if b"ENCRYPTED" in content else None
    return spki(serialization.load_pem_private_key(content, sealed))


def python_p12(path):
    key, leaf, others = pkcs12.load_key_and_certificates(path.read_bytes(), PASSPHRASE.encode())
    equal(len(others), 0, "other certificates")
    equal(leaf.public_key().public_bytes(ENCODING.PEM, SPKI).decode(), spki(key), "the leaf's key")
    return spki(key)


def python_ssh(path):
    content = path.read_bytes()
    try:
        return spki(serialization.load_ssh_private_key(content, None))
    except (TypeError, ValueError):
        return spki(serialization.load_ssh_private_key(content, PASSPHRASE.encode()))


def jose_decrypt(bench, path):
    return bench.node("jose.mjs", "openJwk", jwe=path.read_text(), passphrase=PASSPHRASE)["spki"]


def forge_open(bench, form, path):
    content = base64.b64encode(path.read_bytes()).decode()
    given = {"form": form, "content": content, "passphrase": PASSPHRASE}
    return bench.node("forge.mjs", "open", **given)["spki"]


def ssh_spki(line):
    public = serialization.load_ssh_public_key(line.encode())
    return public.public_bytes(ENCODING.PEM, SPKI).decode()


def spki(private):
    return private.public_key().public_bytes(ENCODING.PEM, SPKI).decode()


def pkcs8(private):
    pem = private.private_bytes(
        ENCODING.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


def certificate(private):
    """A certificate that the key signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "k")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder(name, name, private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    is_ed25519 = isinstance(private, ed25519.Ed25519PrivateKey)
    signed = builder.sign(private, None if is_ed25519 else hashes.SHA256())
    return signed.public_bytes(ENCODING.PEM).decode()


def passout():
    return ["-passout", f"pass:{PASSPHRASE}"]
