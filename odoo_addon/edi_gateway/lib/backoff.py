"""When to try again."""

#: Seconds before try 2, 3, …; the last one repeats.
WAITING = (60, 120, 300, 600, 1800, 3600)
FAILED = (5, 15, 60, 300, 900, 3600)


def delay(attempts, table, spread=0.0):
    """Seconds to wait after `attempts` tries; `spread` in 0..1 adds up to a quarter, so that a batch does not return at once."""
    base = table[min(max(attempts, 1), len(table)) - 1]
    return base * (1 + spread / 4)
