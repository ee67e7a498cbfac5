"""Which subjects are rated together, because one reads another: a school with its groups, a district with its schools.

Subjects of different units never read one another, so units are rated anywhere and in any order.
"""

from collections.abc import Iterable


def units(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The unit of each subject that is linked, directly or through others, named by one of its subjects.

    Who is in no link is a unit alone. A subject that is only named, and has no measures, may stand among the keys.
    """
    above: dict[str, str] = {}
    for one, other in links:
        above[_top(above, one)] = _top(above, other)
    return {subject: _top(above, subject) for subject in list(above)}


def _top(above: dict[str, str], subject: str) -> str:
    """The subject that names the unit; the way to it is halved for whoever asks next."""
    while above.setdefault(subject, subject) != subject:
        above[subject] = above[above[subject]]
        subject = above[subject]
    return subject
