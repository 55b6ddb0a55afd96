"""Days counted from 1970, as far as years go: databases know years that Python does not.

The arithmetic is that of the proleptic Gregorian calendar, in which each era of 400 years has
146,097 days. Source: https://howardhinnant.github.io/date_algorithms.html.
"""

DAYS_OF_ERA = 146_097
TO_1970 = 719_468
"""Days from the first of March of the year 0 to the first of January 1970."""
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_number(year: int, month: int, day: int) -> int | None:
    """Return how many days after 1970-01-01 that day is; None where there is no such day."""
    if not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        return None
    years = year - (month <= 2)
    era, of_era = divmod(years, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * DAYS_OF_ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - TO_1970


def date_of(number: int) -> tuple[int, int, int]:
    """Return year, month and day of the day that is so many days after 1970-01-01."""
    era, of_era = divmod(number + TO_1970, DAYS_OF_ERA)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return era * 400 + year + (month <= 2), month, day


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return LENGTHS[month - 1] + (month == 2 and leap)
