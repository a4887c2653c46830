"""What every declension starts from: the cases and the genders."""

from enum import IntEnum

MALE, FEMALE = "m", "f"


class Case(IntEnum):
    """Grammatical cases; the value is the place of the case in a rule of the declension tables of names."""

    GENITIVE = 0
    DATIVE = 1
    ACCUSATIVE = 2
    INSTRUMENTAL = 3
    PREPOSITIONAL = 4
