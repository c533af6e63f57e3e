"""Getting at a key without keyfob: age, openssl, Python and Node on the files as they lie."""

import os
import pty
import subprocess
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from bench import Keyfob, equal, holds, openssl, run

ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "EdDSA"]
PASSPHRASE = "correct horse battery staple"


def checks(bench):
    opened = bench.keyfob()
    for alg in ALGORITHMS:
        opened.run("keys", "new", alg, "--alg", alg)
        yield (
            f"{alg}: age opens the private half with identity.txt, openssl reads it",
            partial(age_opens, opened, alg),
        )
        yield f"{alg}: openssl reads the key file in place", partial(openssl_reads, opened, alg)
        yield f"{alg}: Python reads the key file in place", partial(python_reads, opened, alg)
        yield f"{alg}: Node reads the key file in place", partial(node_reads, opened, alg)
    sealed = Keyfob(bench, PASSPHRASE)
    sealed.run("init")
    sealed.run("keys", "new", "sealed", "--alg", "ES256")
    yield "sealed: age opens it with identity.age and the passphrase", partial(age_asks, sealed)
    yield "sealed: age refuses another passphrase", partial(age_refuses, sealed)
    yield "backup: age and tar open it, and age each key in it", partial(backup_opens, sealed)


def age_opens(keyfob, kid):
    is_private_half(keyfob, kid, run(["sh", "-c", way_out(keyfob, kid, "identity.txt")]).stdout)


def age_asks(keyfob):
    code, inside, _ = at_terminal(way_out(keyfob, "sealed", "identity.age"), PASSPHRASE)
    equal(code, 0, "age's exit code")
    is_private_half(keyfob, "sealed", inside, "ES256")


def age_refuses(keyfob):
    code, inside, said = at_terminal(way_out(keyfob, "sealed", "identity.age"), "something else")
    equal((code, inside), (1, ""), "age's exit code and output")
    holds("incorrect passphrase" in said, f"age says {said!r}")


def backup_opens(keyfob):
    file, folder = keyfob.bench.path(".age"), keyfob.bench.path("-backup")
    folder.mkdir()
    phrase = keyfob.bench.file("of the backup\n")
    keyfob.run("backup", file, "--file-passphrase-file", phrase)
    code, _, said = at_terminal(f"age -d '{file}' | tar x -C '{folder}'", "of the backup")
    equal(code, 0, f"tar's exit code, where age said {said!r}")
    equal((folder / "identity.txt").stat().st_mode & 0o777, 0o600, "the identity's mode")
    [key] = (folder / "keys").iterdir()
    equal(key.name, keyfob.key_file("sealed").name, "the key's file")
    command = f"sed -n '/BEGIN AGE/,/END AGE/p' '{key}' | age -d -i '{folder}/identity.txt'"
    is_private_half(keyfob, "sealed", run(["sh", "-c", command]).stdout, "ES256")


def way_out(keyfob, kid, identity):
    """The documented command."""
    file, identity = keyfob.key_file(kid), keyfob.home / identity
    return f"sed -n '/BEGIN AGE/,/END AGE/p' '{file}' | age -d -i '{identity}'"


def is_private_half(keyfob, kid, inside, alg=None):
    head, pem = inside.split("\n\n", 1)
    equal(head, f'kid: "{kid}"\nalg: "{alg or kid}"', "the lines before the key")
    first, *_, last = pem.rstrip("\n").split("\n")
    ends = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
    equal((first, last), ends, "the first and the last line of the key")
    openssl("pkey", "-noout", "-check", input=pem)
    public = openssl("pkey", "-pubout", input=pem).stdout
    equal(public, keyfob.export(kid, "spki"), "its public half")


def openssl_reads(keyfob, kid):
    file = keyfob.key_file(kid)
    public = openssl("pkey", "-pubin", "-in", file).stdout
    equal(public, keyfob.export(kid, "spki"), "the public key")
    certificate = openssl("x509", "-in", file).stdout
    equal(certificate, keyfob.export(kid, "cert"), "the certificate")


def python_reads(keyfob, kid):
    content = keyfob.key_file(kid).read_bytes()
    public = serialization.load_pem_public_key(content)
    equal(spki(public), keyfob.export(kid, "spki"), "the public key")
    [certificate] = x509.load_pem_x509_certificates(content)
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    equal(pem, keyfob.export(kid, "cert"), "the certificate")
    equal(spki(certificate.public_key()), keyfob.export(kid, "spki"), "the certified key")
    certificate.verify_directly_issued_by(certificate)


def node_reads(keyfob, kid):
    file = keyfob.key_file(kid).read_text()
    read = keyfob.bench.node("crypto.mjs", "inPlace", file=file)
    expected = {
        "spki": keyfob.export(kid, "spki"),
        "certificate": keyfob.export(kid, "cert"),
        "signedByItself": True,
    }
    equal(read, expected, "what Node reads")


def spki(public):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def at_terminal(command, passphrase):
    """Runs a shell command that asks for a passphrase at its terminal.

    Answers its exit code, its output and what it said at the terminal.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["sh", "-c", command],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        # The first terminal that a new session opens is its own.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )
    os.close(theirs)
    said = b""
    try:
        while b"passphrase" not in said.lower():
            said += os.read(ours, 1024)
        os.write(ours, passphrase.encode() + b"\n")
        inside = process.stdout.read().decode()
        while piece := os.read(ours, 1024):
            said += piece
    except OSError:
        # Linux answers EIO where the other side is closed.
        pass
    finally:
        os.close(ours)
    return process.wait(), inside, said.decode()
