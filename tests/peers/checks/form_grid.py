"""The table of forms: who writes or reads what, how often it held, and why a cell has nothing."""

from functools import partial

from bench import CheckFailed


class Grid:
    """One direction of the matrix: `forms` down, `peers` across.

    `never` says for a peer why it has none of some forms: `{peer: {form: reason}}`. `partly` says
    in the same way what a peer lacks of a form that it has.
    """

    def __init__(self, forms, peers, never, partly):
        self.forms = forms
        self.peers = peers
        self.never = never
        self.partly = partly
        self.cells = {}

    def check(self, title, form, peer, check):
        """The check with its title, counted in its cell."""
        cell = self.cells.setdefault((form, peer), [0, 0])
        cell[0] += 1
        return title, partial(self._counted, cell, check)

    def whole(self):
        """Every cell has forms that were tried, or a reason, and none has both."""
        for form in self.forms:
            for peer in self.peers:
                tried = (form, peer) in self.cells
                if tried == (form in self.never[peer]):
                    what = "a reason and forms" if tried else "neither forms nor a reason"
                    raise CheckFailed(f"{peer}'s {form} has {what}")
        strange = [cell for cell in self.cells if cell[0] not in self.forms]
        if strange:
            raise CheckFailed(f"no row for {strange}")

    def table(self):
        """The lines of the table, and below it what the letters mean."""
        letters = {}
        rows = [["", *self.peers]]
        for form in self.forms:
            cells = [self._cell(form, peer, letters) for peer in self.peers]
            rows.append([form, *cells])
        widths = [max(map(len, column)) for column in zip(*rows)]
        for first, *others in rows:
            padded = [cell.ljust(width) for cell, width in zip(others, widths[1:])]
            yield "  ".join([first.ljust(widths[0]), *padded]).rstrip()
        for reason, letter in letters.items():
            yield f"{letter}  {reason}"

    def _cell(self, form, peer, letters):
        def letter(reason):
            return letters.setdefault(reason, chr(ord("a") + len(letters)))

        if form in self.never[peer]:
            return f"-   {letter(self.never[peer][form])}"
        tried, done = self.cells.get((form, peer), (0, 0))
        lacks = self.partly.get(peer, {}).get(form)
        return f"{done}/{tried}" if lacks is None else f"{done}/{tried} {letter(lacks)}"

    @staticmethod
    def _counted(cell, check):
        check()
        cell[1] += 1
