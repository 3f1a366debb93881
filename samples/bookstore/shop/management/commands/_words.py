"""The vocabulary of the demo data."""

COUNTRIES = [
    ("CZ", "Czechia"),
    ("DK", "Denmark"),
    ("FI", "Finland"),
    ("IS", "Iceland"),
    ("IE", "Ireland"),
    ("NO", "Norway"),
    ("PT", "Portugal"),
    ("SE", "Sweden"),
]

CITIES = ["Bergen", "Brno", "Dublin", "Göteborg", "Odense", "Porto", "Tampere", "Umeå"]

PLACES = [
    "Aarhus",
    "Bohemia",
    "Coimbra",
    "Galway",
    "Karelia",
    "Lapland",
    "Moravia",
    "Reykjavik",
    "Svalbard",
    "the North",
    "Tromsø",
    "Uppsala",
]

ADJECTIVES = [
    "Borrowed",
    "Brief",
    "Crooked",
    "Distant",
    "Forgotten",
    "Gentle",
    "Hidden",
    "Impossible",
    "Last",
    "Midnight",
    "Quiet",
    "Second",
    "Unwritten",
    "Winter",
]

NOUNS = [
    "Archive",
    "Bridge",
    "Cartographer",
    "Clockmaker",
    "Garden",
    "Harbour",
    "Island",
    "Ladder",
    "Lantern",
    "Letter",
    "Orchard",
    "Passenger",
    "River",
    "Sailor",
    "Staircase",
    "Translator",
]

FIRST_NAMES = [
    "Ana",
    "Anders",
    "Aoife",
    "Beatriz",
    "Eliška",
    "Erik",
    "Freja",
    "Helena",
    "Ingrid",
    "Jan",
    "João",
    "Katri",
    "Liam",
    "Mikko",
    "Niamh",
    "Ondřej",
    "Sigrún",
    "Søren",
    "Tomáš",
    "Vilde",
]

LAST_NAMES = [
    "Almeida",
    "Berg",
    "Byrne",
    "Dvořák",
    "Eklund",
    "Ferreira",
    "Halonen",
    "Holm",
    "Jónsdóttir",
    "Kelly",
    "Korhonen",
    "Lind",
    "Novák",
    "O’Brien",
    "Pereira",
    "Sørensen",
    "Svoboda",
    "Virtanen",
]

REVIEW_TEXTS = [
    "A slow start, but the last hundred pages make up for it.",
    "Could not put it down.",
    "I liked the first one better.",
    "Lovely language, hardly any plot.",
    "My whole reading circle talked about it for weeks.",
    "Read it on the train and missed my stop.",
    "The ending is worth the whole book.",
    "Too long by half.",
]

MESSAGE_SUBJECTS = [
    "A book for your list",
    "About the reading circle",
    "My copy of the book you lent me",
    "Swap?",
    "Thursday’s reading",
    "Your review",
]
