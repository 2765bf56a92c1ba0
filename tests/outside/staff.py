"""A staff list as Entra ID's "Download users" writes it, made from a seed."""

import csv
import io
import random

COLUMNS = [
    "userPrincipalName", "displayName", "surname", "mail", "givenName", "id", "userType", "jobTitle", "department",
    "accountEnabled", "usageLocation", "streetAddress", "state", "country", "officeLocation", "city", "postalCode",
    "telephoneNumber", "mobilePhone",
]

GIVEN = ["Ada", "Bjørn", "Chloé", "Dmitri", "Eszter", "Fatima", "Göran", "Hélène", "Ivo", "Jürgen", "Kaoru", "Łucja",
         "María José", "Nguyễn", "Ólafur", "Priya", "Quentin", "Roisín", "Şebnem", "Tomás", "Ünal", "Vera", "Wei", "王"]
SURNAMES = ["Abbott", "Brânză", "Castañeda", "D'Angelo", "Eriksson", "Fernández-Ruiz", "Größl", "Håkansson", "İnce",
            "Jóhannsdóttir", "Kowalczyk", "Lévesque", "Müller", "Núñez", "O'Brien", "Petrović", "Quispe", "Rossi",
            "Smith", "Țepeș", "van den Berg", "Wójcik", "小林", "Zając"]
TITLES = ["Engineer", "Senior Engineer", "Accountant", "Head of R&D", "Chef de projet", "Vertrieb, Süd",
          "Manager \"EMEA\"", "Trainee"]
PLACES = [("DE", "Germany", "Bayern", "München", "80331"), ("FR", "France", "Île-de-France", "Paris", "75001"),
          ("US", "United States", "CA", "San José", "95101"), ("JP", "Japan", "東京都", "千代田区", "100-0001"),
          ("PL", "Poland", "", "Łódź", "90-001"), ("IE", "Ireland", "", "Dublin", "D02 X285")]


def people(count, seed=1, domain="example.com"):
    """`count` rows by column; about one in twenty is disabled, several lack this or that."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        given, surname = dice.choice(GIVEN), dice.choice(SURNAMES)
        code, country, state, city, postal = dice.choice(PLACES)
        row = {
            "userPrincipalName": "Person.%05d@%s" % (number, domain),
            "displayName": "%s %s" % (given, surname),
            "surname": surname,
            "mail": "person.%05d@%s" % (number, domain),
            "givenName": given,
            "id": "",
            "userType": "Member",
            "jobTitle": dice.choice(TITLES),
            "department": dice.choice(["R&D", "Sales", "Finance", "Vertrieb"]),
            "accountEnabled": "False" if number % 20 == 7 else "True",
            "usageLocation": code,
            "streetAddress": "%d Main Street\nFloor %d" % (number + 1, number % 9) if number % 11 == 3 else
                             "Straße %d" % (number + 1),
            "state": state,
            "country": country,
            "officeLocation": "HQ",
            "city": city,
            "postalCode": postal,
            "telephoneNumber": "+49 89 %07d" % number,
            "mobilePhone": "" if number % 3 == 0 else "+49 170 %07d" % number,
        }
        if number % 17 == 4:
            row["surname"], row["displayName"] = "", given
        if number % 13 == 5:
            row["telephoneNumber"] = ""
        if number % 19 == 6:
            row["jobTitle"] = ""
        rows.append(row)
    return rows


def as_csv(rows):
    """The file's bytes: BOM, CRLF, quoted where it must be."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return ("\ufeff" + text.getvalue()).encode("utf-8")
