"""What the checks share: keystores of their own, the sandbox, and the programs of others."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

PATIENCE = 120
"""Seconds that one process may take."""


class CheckFailed(Exception):
    """What was seen is not what must be."""


@dataclass
class Ended:
    """How a process ended."""

    code: int
    stdout: str
    stderr: str


class Bench:
    """The binary under test, a temporary folder, and where the packages of npm lie."""

    def __init__(self, binary, packages):
        self.binary = pathlib.Path(binary).resolve()
        self.packages = pathlib.Path(packages).resolve()
        self.folder = tempfile.TemporaryDirectory(prefix="keyfob-peers-")
        self._names = 0

    def path(self, suffix=""):
        """A path that nothing else uses."""
        self._names += 1
        return pathlib.Path(self.folder.name) / f"{self._names}{suffix}"

    def file(self, content, suffix=""):
        """A file 0600 with this content."""
        path = self.path(suffix)
        path.touch(0o600)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def keyfob(self):
        """A keystore without a passphrase."""
        keyfob = Keyfob(self)
        keyfob.run("init", "--no-passphrase")
        return keyfob

    def node(self, script, command, **given):
        """What the script makes of `given`."""
        path = self.packages / "node" / script
        ended = run(["node", path, command], input=json.dumps(given))
        return json.loads(ended.stdout)


class Keyfob:
    """The binary in a folder of its own."""

    def __init__(self, bench, passphrase=None):
        self.bench = bench
        self.home = bench.path("-home")
        self.environment = {
            "HOME": bench.folder.name,
            "KEYFOB_HOME": str(self.home),
            "PATH": os.environ["PATH"],
        }
        if passphrase is not None:
            self.environment["KEYFOB_PASSPHRASE_FILE"] = str(bench.file(f"{passphrase}\n"))

    def run(self, *arguments, input="", codes=(0,)):
        words = [self.bench.binary, *arguments]
        return run(words, input=input, codes=codes, environment=self.environment)

    def key_file(self, kid):
        """The file of the key `kid`."""
        quoted = f"kid: {json.dumps(kid)}"
        for path in (self.home / "keys").iterdir():
            if quoted in path.read_text().splitlines():
                return path
        raise CheckFailed(f"no key file says {quoted}")

    def export(self, kid, form, *more):
        return self.run("keys", "export", kid, "--as", form, *more).stdout

    def private(self, kid, form):
        return self.export(kid, form, "--private", "--out", "-")

    def jwk(self, kid):
        return json.loads(self.export(kid, "jwk"))

    def sandbox(self):
        return Sandbox(self)


class Server:
    """A process that serves while the block lasts; `ready` is in the line it waits for."""

    def __init__(self, words, ready, environment=None):
        self.words = [str(word) for word in words]
        self.ready = ready
        self.environment = environment
        self.log = []
        self.news = threading.Condition()

    def __enter__(self):
        self.process = subprocess.Popen(
            self.words,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        alarm = threading.Timer(PATIENCE, self.process.kill)
        alarm.start()
        for line in self.process.stdout:
            self.log.append(line)
            if self.ready in line:
                break
        else:
            self.process.kill()
            code = self.process.wait()
            said = "".join(self.log)
            raise CheckFailed(f"{' '.join(self.words)} ended with {code}\n{said}")
        alarm.cancel()
        self.said = "".join(self.log)
        # The log goes on: somebody has to read it.
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join()

    def logged(self, found):
        """What `found` finds in the log, once it finds something."""
        with self.news:
            if self.news.wait_for(lambda: found(self.log), PATIENCE):
                return found(self.log)
        raise CheckFailed(f"the log is\n{''.join(self.log)}")

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.log.append(line)
                self.news.notify()


class Sandbox(Server):
    """`keyfob sandbox` on free ports."""

    def __init__(self, keyfob):
        words = [keyfob.bench.binary, "sandbox", "--auth", "127.0.0.1:0", "--api", "127.0.0.1:0"]
        super().__init__(words, "Ctrl-C", keyfob.environment)
        self.state = keyfob.home / "state/sandbox.json"

    def __enter__(self):
        super().__enter__()
        addresses = json.loads(self.state.read_text())
        self.auth, self.api = addresses["auth"], addresses["api"]
        return self


def run(words, input="", codes=(0,), environment=None):
    """Runs a program to its end; one of `codes` must come back."""
    words = [str(word) for word in words]
    binary = isinstance(input, bytes)
    ended = subprocess.run(
        words,
        input=input if binary else input.encode(),
        capture_output=True,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    stdout = ended.stdout.decode(errors="replace")
    stderr = ended.stderr.decode(errors="replace")
    if ended.returncode not in codes:
        raise CheckFailed(
            f"{' '.join(words)} ended with {ended.returncode} instead of "
            f"{' or '.join(map(str, codes))}\n{stdout}{stderr}"
        )
    return Ended(ended.returncode, stdout, stderr)


def openssl(*words, input="", codes=(0,)):
    return run(["openssl", *words], input=input, codes=codes)


def curl(url, *words):
    """The status and the body that curl gets."""
    marker = "\n%{http_code}"
    ended = run(["curl", "--silent", "--show-error", "--noproxy", "*", "-w", marker, *words, url])
    body, status = ended.stdout.rsplit("\n", 1)
    return int(status), body


def each(function, items):
    """`function` of every item, two at a time."""
    with ThreadPoolExecutor(2) as workers:
        return list(workers.map(function, items))


def equal(seen, expected, what):
    if seen != expected:
        raise CheckFailed(f"{what}\n  is          {seen!r}\n  instead of  {expected!r}")


def holds(condition, what):
    if not condition:
        raise CheckFailed(what)
