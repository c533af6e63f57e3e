"""keyfob's requests to GoodData against GoodData's own description of them, by Prism."""

import json
import pathlib
import re
from functools import partial

from bench import Server, curl, equal

DOCUMENT = pathlib.Path(__file__).parent.parent / "gooddata/jwks-openapi.json"
KEYS = "/api/v1/entities/jwks"


def checks(bench):
    for title, check in [
        ("Prism refuses what is not described", refuses_others),
        ("the request that creates a key is as described; an answer without one is told", creates),
        ("a key read back as it was sent is registered, seen again and deleted", whole_life),
        ("another key read back is told as a difference", differs),
        ("the request that replaces a key is as described", replaces),
    ]:
        yield f"GoodData's OpenAPI: {title}", partial(of_its_own, check, bench)


def of_its_own(check, bench):
    """Runs a check with a keystore that no other one has left something in."""
    keyfob = bench.keyfob()
    keyfob.run("keys", "new", "prod", "--cert", "gooddata")
    check(keyfob)


def refuses_others(keyfob):
    with Prism(keyfob, described()) as prism:
        statuses = []
        for change in [
            {},
            {"kty": "EC"},
            {"alg": "PS256"},
            {"use": "enc"},
            {"kid": ".prod"},
            {"n": None},
        ]:
            content = keyfob.jwk("prod") | change
            document = {"data": {"id": "prod", "type": "jwk", "attributes": {"content": content}}}
            status, _ = curl(
                prism.url + KEYS,
                *["-H", "Content-Type: application/vnd.gooddata.api+json"],
                *["--data-binary", json.dumps(document)],
            )
            statuses.append(status)
    equal(statuses, [201, 422, 422, 422, 422, 422], "the statuses")


def creates(keyfob):
    with Prism(keyfob, described()) as prism:
        ended = keyfob.run("register", "prod", "--at", "acme", codes=(5,))
        # The description's own example has no real key.
        prism.passed(("post", KEYS), ("get", f"{KEYS}/id1"))
    last = ended.stderr.splitlines()[-1]
    start = "keyfob: acme: it took the key, and reading it back fails: "
    equal(last[: len(start)], start, "what keyfob says")
    recorded = keyfob.run("--json", "registrations", codes=(1,)).stdout
    equal([entry["state"] for entry in json.loads(recorded)], ["unknown"], "what is recorded")


def whole_life(keyfob):
    with Prism(keyfob, described(answering(keyfob.jwk("prod")))) as prism:
        ended = keyfob.run("register", "prod", "--at", "acme")
        equal(ended.stderr, "prod at acme: registered, read back as prod\n", "what keyfob says")
        for words in [["--refresh"], ["--refresh", "--at", "acme"]]:
            seen = keyfob.run("--json", "registrations", *words).stdout
            equal([entry["state"] for entry in json.loads(seen)], ["registered"], seen)
        # Prism's answers never change: the key is still there.
        keyfob.run("unregister", "prod", "--at", "acme", codes=(5,))
        one = f"{KEYS}/prod"
        registered = [("post", KEYS), ("get", one)]
        # The second page shows the same key, and no third one is asked for.
        refreshed = [("get", one), ("get", KEYS), ("get", KEYS)]
        unregistered = [("get", one), ("delete", one), ("get", one)]
        prism.passed(*registered, *refreshed, *unregistered)


def differs(keyfob):
    with Prism(keyfob, described(answering(other(keyfob)))) as prism:
        ended = keyfob.run("register", "prod", "--at", "acme", codes=(5,))
        prism.passed(("post", KEYS), ("get", f"{KEYS}/prod"))
    expected = "keyfob: acme: it took the key, and what reads back differs: n, x5t, x5c"
    equal(ended.stderr.splitlines()[-1], expected, "what keyfob says")


def replaces(keyfob):
    document = described(answering(other(keyfob)))
    document["paths"][KEYS]["post"]["responses"] = {"409": {"description": "The id is taken"}}
    with Prism(keyfob, document) as prism:
        keyfob.run("register", "prod", "--at", "acme", codes=(5,))
        one = f"{KEYS}/prod"
        prism.passed(("post", KEYS), ("get", one), ("put", one), ("get", one))


class Prism(Server):
    """Prism as the endpoint `acme` of a keystore."""

    def __init__(self, keyfob, document):
        program = keyfob.bench.packages / "node_modules/.bin/prism"
        file = keyfob.bench.file(json.dumps(document), ".json")
        words = [program, "mock", "--errors", "--host", "127.0.0.1", "--port", "0", file]
        super().__init__(words, "Prism is listening on ")
        self.keyfob = keyfob

    def __enter__(self):
        super().__enter__()
        self.url = self.said.rsplit("Prism is listening on ", 1)[1].strip()
        token = "{command: [echo, secret]}"
        endpoint = f"{{preset: gooddata, url: {json.dumps(self.url)}, token: {token}}}"
        (self.keyfob.home / "config.yaml").write_text(f"endpoints:\n  acme: {endpoint}\n")
        return self

    def passed(self, *expected):
        """These requests came, method and path, and each is as described."""
        self.logged(lambda log: sum("> Responding with" in line for line in log) >= len(expected))
        log = "".join(self.log)
        requests = re.findall(r"\[HTTP SERVER\] (\w+) (\S+) .*Request received", log)
        equal(requests, list(expected), "the requests")
        passed = log.count("The request passed the validation rules")
        equal(passed, len(expected), f"requests that passed in\n{log}")


def described(example=None):
    """GoodData's description; with `example`, an entity, as the answer to everything."""
    document = json.loads(DOCUMENT.read_text())
    if example is not None:
        schemas = document["components"]["schemas"]
        schemas["JsonApiJwkOutDocument"]["example"] = {"data": example}
        schemas["JsonApiJwkOutList"]["example"] = {"data": [example]}
    return document


def answering(jwk):
    """The entity `prod` with this key, in the members that GoodData describes."""
    content = {name: value for name, value in jwk.items() if name != "x5t#S256"}
    return {"id": "prod", "type": "jwk", "attributes": {"content": content}}


def other(keyfob):
    """A key of the same kid that is another."""
    stranger = keyfob.bench.keyfob()
    stranger.run("keys", "new", "prod", "--cert", "gooddata")
    return stranger.jwk("prod")
