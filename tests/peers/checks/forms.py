"""The matrix of forms: what OpenSSL, Java's keytool, ssh-keygen, npm's jose, node-forge and
Python's libraries write is read by keyfob, and what keyfob writes by each of them."""

from checks import form_readers, form_writers
from checks.form_grid import Grid


def checks(bench):
    peers = list(form_writers.WRITERS)
    read = Grid(form_writers.FORMS, peers, form_writers.NEVER, form_writers.PARTLY)
    for peer, form, variant, check in form_writers.written(bench):
        yield read.check(f"{peer}'s {form}, {variant} -> keyfob", form, peer, check)
    yield "forms that others write: no cell is without forms or a reason", read.whole
    written = Grid(form_readers.FORMS, peers, form_readers.NEVER, form_readers.PARTLY)
    for peer, form, variant, check in form_readers.written(bench):
        yield written.check(f"keyfob's {form}, {variant} -> {peer}", form, peer, check)
    yield "forms that keyfob writes: no cell is without forms or a reason", written.whole
    for title, grid in {"written by": read, "keyfob's, read by": written}.items():
        print(f"      {title}:")
        for line in grid.table():
            print(f"      {line}", flush=True)
