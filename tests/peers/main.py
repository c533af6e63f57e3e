"""Runs every check and says how each went: `main.py BINARY PACKAGES`."""

import importlib
import sys
import time

from bench import Bench

AREAS = [
    "algorithms",
    "certificates",
    "gooddata",
    "contract",
    "oauth",
    "clients",
    "provider",
    "bound",
    "bearer",
    "client_management",
    "way_out",
    "imports",
    "forms",
    "kills",
    "main_job",
]


def main(binary, packages):
    bench = Bench(binary, packages)
    outcomes = [outcome for area in AREAS for outcome in checked(area, bench)]
    failed = outcomes.count(False)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


def checked(area, bench):
    """Whether each check of `area` passed; one line a check."""
    start = time.monotonic()
    checks = importlib.import_module(f"checks.{area}").checks(bench)
    outcomes = []
    while True:
        try:
            title, check = next(checks)
        except StopIteration:
            break
        except Exception as error:
            outcomes.append(told(f"{area}: getting ready", error))
            break
        try:
            check()
        except Exception as error:
            outcomes.append(told(title, error))
        else:
            outcomes.append(told(title))
    print(f"      {area}: {time.monotonic() - start:.0f} s", flush=True)
    return outcomes


def told(title, error=None):
    if error is None:
        print(f"ok    {title}", flush=True)
        return True
    reason = str(error).strip().replace("\n", "\n      ")
    print(f"FAIL  {title}: {type(error).__name__}: {reason}", flush=True)
    return False


sys.exit(main(*sys.argv[1:]))
