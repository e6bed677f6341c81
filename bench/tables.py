"""How numbers stand in a Markdown table."""


def table(head, rows):
    """Return a Markdown table, str."""
    lines = ["| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))]
    lines += ["| %s |" % " | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def number(value):
    """Return a number with three digits that count, str."""
    if value >= 1000:
        return "{:,.0f}".format(value)
    return "{:,.0f}".format(value) if value >= 100 else "%.3g" % value


def count(value):
    """Return a whole number, str; "-" for what could not be told."""
    return "-" if value is None else "{:,.0f}".format(value)


def spread(row, unit=1):
    """Return "median (least to most)" of {"us", "spread"}, in units of so many microseconds.

    Without the bracket where it would say the same three times.
    """
    if row is None:
        return "-"
    middle, low, high = (number(each / unit) for each in (row["us"], *row["spread"]))
    return middle if low == high == middle else "%s (%s to %s)" % (middle, low, high)


def us(row, unit=1):
    """Return the median alone, str."""
    return "-" if row is None else number(row["us"] / unit)


def size_text(size):
    """Return a number of bytes as "10 KiB"."""
    return "%d MiB" % (size >> 20) if size >= 1 << 20 else "%d KiB" % (size >> 10)
