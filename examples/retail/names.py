"""Pools for invented persons. Domains and telephone numbers are those reserved for fiction.

E-mail: `example.com`, `.net`, `.org` (RFC 2606). Telephone: 555-0100 to 555-0199, which the
North American Numbering Plan sets aside for fiction in every area code.
"""

from dataclasses import dataclass

DOMAINS = ("example.com", "example.net", "example.org")

FIRST_NAMES = tuple(
    """
    Ada Alma Amir Anna Asha Ben Bianca Carl Carmen Chen Clara Cora Dana Diego Dora Eli Elena Emil
    Eva Farid Finn Flora Greta Hana Hugo Ida Ines Ivan Jana Joel Jonas Julia Kai Kira Lara Lea
    Leon Lina Luca Maia Marco Maria Milan Mina Nadia Nina Noor Omar Otto Paula Petra Quinn Rosa
    Samir Sara Sofia Tara Theo Tomas Vera Victor Wanda Yara Yusuf Zoe
    """.split()  # noqa: SIM905  # a list of 65 lines reads worse
)

LAST_NAMES = tuple(
    """
    Abbott Acker Alder Archer Ashby Baker Barlow Becker Birch Bowen Brandt Brook Burke Carver
    Castillo Chandler Cole Cooper Cruz Dalton Diaz Drake Duarte Ellis Farmer Fields Fisher Flores
    Forge Foster Frost Garcia Glover Grove Hale Harper Hayes Heath Hill Holt Hunter Ibarra Jansen
    Keller Khan Kim Lake Lane Lopez Marsh Mason Meadow Miller Moreno Nash Novak Ortega Page Parker
    Patel Potter Quill Reed Reyes Rivera Sawyer Shepherd Silva Singh Stone Tanner Tran Turner Vale
    Vega Walker Weaver Wells Winter Wood Yates Young
    """.split()  # noqa: SIM905
)

STREETS = ("Example", "Sample", "Specimen", "Placeholder", "Fiction", "Pretend")
KINDS_OF_STREET = ("Street", "Avenue")

NICKNAMES = {"Ben": "Benjamin", "Maria": "Mary", "Tomas": "Tom", "Victor": "Vic", "Elena": "Ellen"}


@dataclass(frozen=True)
class Place:
    """A city with its zone, postal prefix and area codes; `weight` is its share of households."""

    city: str
    postal_prefix: str
    timezone: str
    area_codes: tuple[str, ...]
    weight: int


EASTERN = ("America/New_York", "America/Indiana/Indianapolis")
PACIFIC = ("America/Los_Angeles",)

PLACES = (
    Place("Cincinnati", "452", "America/New_York", ("513", "937", "326"), 22),
    Place("Columbus", "432", "America/New_York", ("614", "740", "380"), 14),
    Place("Lexington", "405", "America/New_York", ("859", "606"), 8),
    Place("Indianapolis", "462", "America/Indiana/Indianapolis", ("317", "463", "765"), 10),
    Place("Atlanta", "303", "America/New_York", ("404", "470", "678"), 8),
    Place("Nashville", "372", "America/Chicago", ("615", "629"), 8),
    Place("Chicago", "606", "America/Chicago", ("312", "773", "872"), 8),
    Place("Houston", "770", "America/Chicago", ("713", "281", "832"), 6),
    Place("Denver", "802", "America/Denver", ("303", "720"), 4),
    Place("Phoenix", "850", "America/Phoenix", ("602", "480"), 3),
    Place("Seattle", "981", "America/Los_Angeles", ("206", "425"), 4),
    Place("Los Angeles", "900", "America/Los_Angeles", ("213", "310"), 5),
)
