"""What writes is killed before each of its steps on the disk, and fails at each: strace does it."""

import functools
import json
import re
import shutil
import subprocess
from dataclasses import dataclass

from bench import PATIENCE, Ended, Keyfob, curl, each, equal, holds, openssl, run

CALLS = [
    "chmod",
    "fchmod",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "link",
    "linkat",
    "mkdir",
    "openat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "write",
]
"""What changes something on a disk, or is waited for."""

CALL = re.compile(r"^(\w+)\((.*)")

PHRASE = "correct horse battery staple"


@dataclass
class Act:
    """A command that writes: what comes before it, and how it may end when it is said again."""

    words: list
    before: list = ()
    again: tuple = (0,)
    input: str = ""
    alg: str = "ES256"
    phrases: tuple = ()
    """The passphrases before and after it."""

    @property
    def name(self):
        return " ".join(str(word) for word in self.words if "/" not in str(word))


def checks(bench):
    if run(["strace", "-o", bench.path(), "true"], codes=(0, 1)).code:
        print("      kills: left out, for nothing can be traced here")
        return
    for act in acts(bench):
        title = f"{act.name}: killed before any step, all is there, and it can be done again"
        yield title, functools.partial(every_step, bench, act, "signal=KILL")
        if act.words[0] in ("backup", "passwd", "restore"):
            # Each try derives keys from passphrases, which takes seconds.
            continue
        title = f"{act.name}: whatever step the disk fails at, it is told, and all is there"
        yield title, functools.partial(every_step, bench, act, "error=EIO")
    with bench.keyfob().sandbox() as sandbox:
        for act in remote_acts(sandbox):
            title = f"{act.name}: killed before any step, its record is true, and it goes on"
            yield title, functools.partial(every_remote_step, bench, act, "signal=KILL", sandbox)
            if act.words[0] == "keys":
                # A rotation is many steps, each of its kinds tried already.
                continue
            title = f"{act.name}: whatever step the disk fails at, its record is true"
            yield title, functools.partial(every_remote_step, bench, act, "error=EIO", sandbox)


def acts(bench):
    pem = bench.file(openssl("genpkey", "-algorithm", "ed25519").stdout)
    backup = bench.path(".age")
    phrase, other = bench.file(f"{PHRASE}\n"), bench.file("another one, as long\n")
    of_file = ["--file-passphrase-file", phrase]
    source = bench.keyfob()
    source.run("keys", "new", "b", "--alg", "ES256")
    endpoint = ["endpoints", "add", "e", "--preset", "gooddata", "--url", "http://127.0.0.1:9"]
    sealed = [*endpoint, "--token-sealed", "--no-check"]
    source.run(*sealed, input="token\n")
    source.run("backup", backup, *of_file)
    out = bench.path(".pem")
    client = ["--issuer", "http://127.0.0.1:9", "--client-id", "c", "--key", "a"]
    return [
        Act(["init", "--no-passphrase"], before=None, again=(0, 2)),
        Act(["keys", "new", "b", "--alg", "ES256"], again=(0, 2)),
        Act(["keys", "import", pem, "--kid", "b"]),
        Act(["keys", "rename", "a", "b"], again=(0, 3)),
        Act(["keys", "tag", "a", "one"]),
        Act(["keys", "status", "a", "retired"]),
        Act(["keys", "rm", "a"], again=(0, 3)),
        Act(["keys", "restore", "a"], before=[["keys", "rm", "a"]], again=(0, 3)),
        Act(["keys", "export", "a", "--as", "pkcs8", "--private", "--out", out, "--force"]),
        Act(["cert", "renew", "a"]),
        Act(sealed, input="token\n", again=(0, 2)),
        Act(["endpoints", "rm", "e"], before=[(sealed, "token\n")], again=(0, 3)),
        Act(["clients", "add", "c", *client], again=(0, 2)),
        Act(["clients", "rm", "c"], before=[["clients", "add", "c", *client]], again=(0, 3)),
        Act(["backup", bench.path(".age"), "--force", *of_file]),
        Act(["restore", backup, *of_file]),
        Act(["passwd", "--new-passphrase-file", phrase], phrases=(None, phrase), again=(0, 4)),
        Act(["passwd", "--new-passphrase-file", other], phrases=(phrase, other), again=(0, 4)),
        Act(["passwd", "--no-passphrase"], phrases=(phrase, None), again=(0,)),
    ]


def remote_acts(sandbox):
    url = ["--preset", "gooddata", "--url", sandbox.auth, "--token-sealed", "--no-check"]
    endpoint = (["endpoints", "add", "e", *url], "sandbox\n")
    register, unregister = (
        [word, "a", "--at", "e"] for word in ["register", "unregister"]
    )
    rotate = ["keys", "rotate", "a", "--caches", "0s", "--token-life", "0s", "--new-kid", "b"]
    return [
        Act(register, before=[endpoint], alg="RS256"),
        Act(unregister, before=[endpoint, register], alg="RS256"),
        Act(rotate, before=[endpoint, register], alg="RS256", again=(0, 2)),
    ]


def every_remote_step(bench, act, injection, sandbox):
    clear(sandbox)
    start = prepared(bench, act)
    whole = copied(start)
    steps = traced(whole, act)
    after = placed(whole)
    for call, place, line in steps:
        clear(sandbox)
        keyfob = copied(start)
        if any(places for *_, places in placed(keyfob)):
            keyfob.run("register", "a", "--at", "e")
        try:
            ended = injected(keyfob, act, f"{call}:{injection}:when={place}")
            if injection.startswith("signal"):
                equal(ended.code, -9, "how it ended")
            is_true(keyfob, sandbox)
            if "rotate" in act.words:
                keyfob.run("keys", "rotate", "--all")
            if placed(keyfob) != after:
                keyfob.run(*act.words, codes=act.again)
            keyfob.run("registrations", "--refresh")
            is_true(keyfob, sandbox)
            equal(placed(keyfob), after, "what is known after it went on")
            is_sound(keyfob, act)
        except Exception as error:
            raise type(error)(f"at {call} number {place}, {line}: {error}") from error
        finally:
            shutil.rmtree(keyfob.home, ignore_errors=True)


def placed(keyfob):
    """The kids, what became of them and where they are known to be."""
    keys = told(keyfob, "keys", "list")
    return sorted(
        (key["kid"], key["status"], [place["endpoint"] for place in key["registrations"]])
        for key in keys
    )


def is_true(keyfob, sandbox):
    """What is known of each key is so, or said to be unknown."""
    rows = json.loads(keyfob.run("--json", "registrations", codes=(0, 1)).stdout)
    known = {row["kid"]: row["state"] for row in rows}
    there = entities(sandbox)
    for kid in {key["kid"] for key in told(keyfob, "keys", "list")}:
        state = known.get(kid, "not there")
        expected = "registered" if kid in there else "not there"
        holds(state in ("unknown", expected), f"{kid} is {state}, and there are {there}")


AUTHORIZED = ["-H", "Authorization: Bearer sandbox"]


def entities(sandbox):
    _, body = curl(f"{sandbox.auth}/api/v1/entities/jwks", *AUTHORIZED)
    return [entity["id"] for entity in json.loads(body)["data"]]


def clear(sandbox):
    for kid in entities(sandbox):
        curl(f"{sandbox.auth}/api/v1/entities/jwks/{kid}", *AUTHORIZED, "-X", "DELETE")


def every_step(bench, act, injection):
    start = prepared(bench, act)
    whole = copied(start)
    steps = traced(whole, act)
    holds(steps, "it writes nothing")
    states = seen(start, act.phrases[:1]), seen(whole, act.phrases[1:])
    each(functools.partial(step, act, injection, start, states), steps)


def step(act, injection, start, states, at):
    call, place, line = at
    keyfob = copied(start)
    try:
        ended = injected(keyfob, act, f"{call}:{injection}:when={place}")
        if injection.startswith("error"):
            holds(ended.code in (0, 6), f"it ended with {ended}")
            holds("panicked" not in ended.stderr, ended.stderr)
        else:
            equal(ended.code, -9, "how it ended")
        is_whole(keyfob, act, *states)
        again = keyfob.run(*act.words, input=act.input, codes=act.again)
        if again.code == 4:
            replaced(keyfob, act.phrases[1]).run(*act.words)
        is_sound(keyfob, act)
        after = seen(keyfob, act.phrases[1:])
        equal(after, states[1], "what is there after it was said again")
    except Exception as error:
        raise type(error)(f"at {call} number {place}, {line}: {error}") from error
    finally:
        shutil.rmtree(keyfob.home, ignore_errors=True)


def prepared(bench, act):
    keyfob = Keyfob(bench)
    if act.before is None:
        return keyfob
    if act.phrases and act.phrases[0]:
        keyfob.environment["KEYFOB_PASSPHRASE_FILE"] = str(act.phrases[0])
        keyfob.run("init")
    else:
        keyfob.run("init", "--no-passphrase")
    keyfob.run("keys", "new", "a", "--alg", act.alg)
    for words in act.before:
        words, input = words if isinstance(words, tuple) else (words, "")
        keyfob.run(*words, input=input)
    return keyfob


def copied(keyfob):
    other = Keyfob(keyfob.bench)
    other.environment = {**keyfob.environment, "KEYFOB_HOME": str(other.home)}
    if keyfob.home.exists():
        shutil.copytree(keyfob.home, other.home)
    return other


def traced(keyfob, act):
    """The calls that change something in the keystore: each by its name, how many of that name came
    before, and what it was."""
    log = keyfob.bench.path(".strace")
    words = ["strace", "-qq", "-y", "-e", f"trace={','.join(CALLS)}", "-o", log]
    run([*words, keyfob.bench.binary, *act.words], act.input, environment=keyfob.environment)
    counts, steps = {}, []
    for line in log.read_text().splitlines():
        if not (match := CALL.match(line)):
            continue
        call, arguments = match.groups()
        counts[call] = counts.get(call, 0) + 1
        folder = str(keyfob.bench.folder.name)
        if folder in arguments and (call != "openat" or "O_CREAT" in arguments):
            steps.append((call, counts[call], arguments))
    return steps


def injected(keyfob, act, injection):
    """Runs the act with a fault put into one call."""
    log = keyfob.bench.path(".strace")
    words = ["strace", "-qq", "-e", f"inject={injection}", "-o", log]
    ended = subprocess.run(
        [str(word) for word in [*words, keyfob.bench.binary, *act.words]],
        input=act.input.encode(),
        capture_output=True,
        env=keyfob.environment,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def seen(keyfob, phrases=()):
    """What is there: keys, trash, endpoints, clients, secrets."""
    if not list(keyfob.home.glob("identity.*")):
        return {"keys": [], "trash": []}
    if phrases:
        keyfob = replaced(keyfob, phrases[0])
    keys = told(keyfob, "keys", "list")
    members = ["kid", "alg", "status", "tags", "private"]
    return {
        "keys": [[key[name] for name in members] + [bool(key["certificate"])] for key in keys],
        "trash": [key["kid"] for key in told(keyfob, "keys", "trash")],
        "endpoints": [one["name"] for one in told(keyfob, "endpoints", "list")],
        "clients": [one["name"] for one in told(keyfob, "clients", "list")],
        "secrets": names(keyfob, "secrets"),
        "identity": sorted(path.name for path in keyfob.home.glob("identity.*")),
    }


def is_whole(keyfob, act, before, after):
    """Every key that was there is there and signs, and no other came but the one that comes."""
    if not list(keyfob.home.glob("identity.*")):
        return
    phrases = act.phrases or (None,)
    now = json.loads(run_any(keyfob, phrases, "--json", "keys", "list").stdout)
    kids = {key["kid"] for key in now}
    trash = {key["kid"] for key in told(keyfob, "keys", "trash")}
    holds(kids or trash or not before["keys"], "no key is left")
    holds(kids <= {key[0] for state in (before, after) for key in state["keys"]}, str(kids))
    for kid in kids:
        minted = run_any(keyfob, phrases, "mint", "--key", kid, "--sub", "x")
        keyfob.run("verify", "-", input=minted.stdout)


def is_sound(keyfob, act):
    """`doctor --fix` leaves nothing to mend."""
    keyfob = replaced(keyfob, act.phrases[1] if act.phrases else None)
    fixed = keyfob.run("doctor", "--fix", codes=(0, 1))
    sound = keyfob.run("doctor", codes=(0, 1))
    equal((sound.code, sound.stdout), (0, "nothing to mend\n"), f"doctor after {fixed.stdout}")


def run_any(keyfob, phrases, *words, codes=(0,)):
    """Runs with the passphrase of the two that opens the keystore."""
    for phrase in phrases:
        ended = replaced(keyfob, phrase).run(*words, codes=(*codes, 4))
        if ended.code != 4:
            return ended
    raise AssertionError(f"no passphrase opens it: {ended}")


def replaced(keyfob, phrase):
    other = Keyfob(keyfob.bench)
    other.home = keyfob.home
    other.environment = dict(keyfob.environment)
    other.environment.pop("KEYFOB_PASSPHRASE_FILE", None)
    if phrase:
        other.environment["KEYFOB_PASSPHRASE_FILE"] = str(phrase)
    return other


def told(keyfob, *words):
    ended = keyfob.run("--json", *words)
    equal(ended.stderr, "", f"what {' '.join(words)} says beside it")
    return json.loads(ended.stdout)


def names(keyfob, folder):
    path = keyfob.home / folder
    return sorted(one.name for one in path.iterdir()) if path.is_dir() else []
