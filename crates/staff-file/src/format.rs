//! Which program wrote a file, by its header, and what each column holds.

use super::CsvError;
use super::column::{Column, Place};
use super::delimiter::Delimiter;
use super::records::Records;

/// Which program wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Entra ID: "Download users", or the template of its bulk operations.
    EntraId,
    /// Webex Control Hub's export of users.
    ControlHub,
    JumpCloud,
    /// Columns with SCIM's names.
    Scim,
}

/// Columns of a file at most: no staff file comes near it.
const MAX_COLUMNS: usize = 500;

impl Format {
    /// The first of those that recognise equally many columns is taken.
    const ALL: [Self; 4] = [Self::EntraId, Self::ControlHub, Self::Scim, Self::JumpCloud];

    pub fn title(self) -> &'static str {
        match self {
            Self::EntraId => "Entra ID",
            Self::ControlHub => "Control Hub",
            Self::JumpCloud => "JumpCloud",
            Self::Scim => "SCIM",
        }
    }

    fn table(self) -> &'static [(&'static [&'static str], Means)] {
        match self {
            Self::EntraId => ENTRA_ID,
            Self::ControlHub => CONTROL_HUB,
            Self::JumpCloud => JUMPCLOUD,
            Self::Scim => SCIM,
        }
    }

    /// What a column with this title holds, if anything of use.
    fn column(self, title: &str) -> Option<Column> {
        let plain = plain(title);
        if let Some((_, means)) = self
            .table()
            .iter()
            .find(|(titles, _)| titles.contains(&plain.as_str()))
        {
            return means.column();
        }
        if self != Self::Scim {
            return None;
        }
        let place = Place::parse(title.trim())?;
        Some(if place.is_work_country() {
            Column::CountryName
        } else {
            Column::At(place)
        })
    }
}

/// A header, understood.
pub(super) struct Header {
    pub(super) format: Format,
    pub(super) delimiter: Delimiter,
    /// The line of the first record below it.
    pub(super) first_line: u64,
    /// Each title as written, and what its column holds.
    pub(super) columns: Vec<(String, Option<Column>)>,
}

/// What a title means; `At` is a path that [`Place::parse`] reads.
#[derive(Clone, Copy)]
enum Means {
    At(&'static str),
    Active,
    Blocked,
    State,
    CountryCode,
    CountryName,
    Manager,
}

use Means::{Active, At, Blocked, CountryCode, CountryName, Manager, State};

impl Means {
    fn column(self) -> Option<Column> {
        Some(match self {
            At(path) => Column::At(Place::parse(path)?),
            Active => Column::Active,
            Blocked => Column::Blocked,
            State => Column::State,
            CountryCode => Column::CountryCode,
            CountryName => Column::CountryName,
            Manager => Column::Manager,
        })
    }
}

type Table = &'static [(&'static [&'static str], Means)];

const ENTRA_ID: Table = &[
    (&["userprincipalname"], At("userName")),
    (&["id", "objectid"], At("externalId")),
    (&["displayname"], At("displayName")),
    (&["surname"], At("name.familyName")),
    (&["givenname"], At("name.givenName")),
    (&["mail"], At("emails.work")),
    (&["alternateemailaddress", "othermails"], At("emails.other")),
    (&["usertype"], At("userType")),
    (&["jobtitle"], At("title")),
    (&["department"], At("department")),
    (&["companyname"], At("organization")),
    (&["employeeid"], At("employeeNumber")),
    (&["accountenabled"], Active),
    (&["blocksignin"], Blocked),
    (&["usagelocation"], CountryCode),
    (&["country", "countryorregion"], CountryName),
    (&["streetaddress"], At("addresses.streetAddress")),
    (&["city"], At("addresses.locality")),
    (&["state"], At("addresses.region")),
    (&["postalcode"], At("addresses.postalCode")),
    (
        &["officelocation", "physicaldeliveryofficename"],
        At("addresses.other.formatted"),
    ),
    (&["telephonenumber", "businessphones"], At("phoneNumbers.work")),
    (&["mobilephone", "mobile"], At("phoneNumbers.mobile")),
    (&["faxnumber", "facsimiletelephonenumber"], At("phoneNumbers.fax")),
    (&["preferredlanguage"], At("preferredLanguage")),
    (&["manager"], Manager),
];

const CONTROL_HUB: Table = &[
    (&["userid/email", "userid"], At("userName")),
    (&["firstname"], At("name.givenName")),
    (&["lastname"], At("name.familyName")),
    (&["displayname"], At("displayName")),
    (&["userstatus"], State),
    (&["title", "jobtitle"], At("title")),
    (&["department"], At("department")),
    (&["manager"], Manager),
    (&["phonenumber"], At("phoneNumbers.work")),
    (&["preferredlanguage"], At("preferredLanguage")),
    (&["timezone"], At("timezone")),
    (
        &[
            "address",
            "addressstreet",
            "street",
            "streetaddress",
            "addressline1",
        ],
        At("addresses.streetAddress"),
    ),
    (&["addresscity", "city"], At("addresses.locality")),
    (
        &["addressstate", "state", "state/province"],
        At("addresses.region"),
    ),
    (
        &[
            "addresszip",
            "addresszipcode",
            "addresspostalcode",
            "zip",
            "zipcode",
            "zip/postalcode",
            "postalcode",
        ],
        At("addresses.postalCode"),
    ),
    (&["addresscountry", "country"], CountryName),
];

const JUMPCLOUD: Table = &[
    (&["username"], At("userName")),
    (&["email"], At("emails.work")),
    (&["alternateemail"], At("emails.other")),
    (&["id"], At("externalId")),
    (&["firstname"], At("name.givenName")),
    (&["middlename"], At("name.middleName")),
    (&["lastname"], At("name.familyName")),
    (&["displayname"], At("displayName")),
    (&["jobtitle"], At("title")),
    (&["department"], At("department")),
    (&["employeeidentifier"], At("employeeNumber")),
    (&["location"], At("addresses.other.formatted")),
    (&["company"], At("organization")),
    (&["costcenter"], At("costCenter")),
    (&["employeetype"], At("userType")),
    (&["state", "status"], State),
    (&["active", "activated"], Active),
    (&["suspended"], Blocked),
    (&["manager"], Manager),
    (
        &[
            "addressesworkcountry",
            "addresses.work.country",
            "addresses.country",
            "workcountry",
        ],
        CountryName,
    ),
    (
        &[
            "addressesworklocality",
            "addresses.work.locality",
            "addresses.locality",
            "worklocality",
            "workcity",
        ],
        At("addresses.locality"),
    ),
    (
        &[
            "addressesworkstreetaddress",
            "addresses.work.streetaddress",
            "addresses.streetaddress",
            "workstreetaddress",
            "workstreet",
        ],
        At("addresses.streetAddress"),
    ),
    (
        &[
            "addressesworkregion",
            "addresses.work.region",
            "addresses.region",
            "workregion",
            "workstate",
        ],
        At("addresses.region"),
    ),
    (
        &[
            "addressesworkpostalcode",
            "addresses.work.postalcode",
            "addresses.postalcode",
            "workpostalcode",
            "workzip",
        ],
        At("addresses.postalCode"),
    ),
    (
        &[
            "phonenumberswork",
            "phonenumbers.work",
            "phonenumbersworkvalue",
            "phonenumbers.value",
            "workphone",
            "phonenumber",
        ],
        At("phoneNumbers.work"),
    ),
    (
        &[
            "phonenumbersmobile",
            "phonenumbers.mobile",
            "phonenumbersmobilevalue",
            "mobilephone",
            "workcell",
            "mobile",
        ],
        At("phoneNumbers.mobile"),
    ),
    (
        &["phonenumbersworkfax", "phonenumbers.fax", "workfax", "fax"],
        At("phoneNumbers.fax"),
    ),
];

/// Beside SCIM's own paths.
const SCIM: Table = &[
    (&["active"], Active),
    (&["email", "emails", "mail"], At("emails.work")),
    (&["givenname"], At("name.givenName")),
    (&["familyname"], At("name.familyName")),
    (
        &[
            "manager",
            "manager.value",
            "enterprise.manager",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value",
        ],
        Manager,
    ),
];

/// A title without case, spaces, underscores, hyphens, a remark such as `(Required)`, or what Entra ID's template
/// writes around the attribute: `Name [displayName] Required`.
fn plain(title: &str) -> String {
    let title = title.trim();
    if title.to_ascii_lowercase().starts_with("block sign in") {
        return "blocksignin".to_owned();
    }
    let bracketed = title
        .split_once(" [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(name, _)| name);
    let title = bracketed
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .unwrap_or(title);
    let lower = title.to_lowercase();
    let lower = lower
        .trim_end_matches("(required)")
        .trim_end_matches("(read only)");
    lower
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .collect()
}

/// Finds the header, and reads it with the delimiter and the format that make most of it.
pub(super) fn recognise(text: &str) -> Result<Header, CsvError> {
    let mut best: Option<(usize, Header)> = None;
    let mut found = String::new();
    let mut too_wide = None;
    for delimiter in Delimiter::ALL {
        let mut records = Records::new(text, delimiter);
        let Some((titles, first_line)) = header(&mut records) else {
            continue;
        };
        if found.is_empty() || titles.len() > 1 {
            found = shown(&titles);
        }
        if titles.len() > MAX_COLUMNS {
            too_wide = Some(titles.len());
            continue;
        }
        for format in Format::ALL {
            let columns: Vec<_> = titles
                .iter()
                .map(|title| (title.clone(), format.column(title)))
                .collect();
            if !has_user_name(format, &columns) {
                continue;
            }
            let score = columns.iter().filter(|(_, column)| column.is_some()).count();
            if best.as_ref().is_none_or(|(most, _)| score > *most) {
                let header = Header {
                    format,
                    delimiter,
                    first_line,
                    columns,
                };
                best = Some((score, header));
            }
        }
    }
    let (_, header) = best.ok_or(match too_wide {
        Some(columns) => CsvError::TooManyColumns { columns },
        None => CsvError::NoUserName { found },
    })?;
    refuse_doubles(&header.columns)?;
    Ok(header)
}

/// The titles, and the line below them. Excel's `sep=` line and the version line of Entra ID's template come first.
fn header(records: &mut Records<'_>) -> Option<(Vec<String>, u64)> {
    let mut record = records.next()?;
    let is_preamble = |cells: &[String]| {
        let first = cells
            .first()
            .map(|cell| cell.trim().to_lowercase())
            .unwrap_or_default();
        first.starts_with("version:") || first.starts_with("sep=")
    };
    if record.cells.as_ref().is_ok_and(|cells| is_preamble(cells)) {
        record = records.next()?;
    }
    let titles = record
        .cells
        .ok()?
        .into_iter()
        .map(|title| title.trim().to_owned())
        .collect();
    Some((titles, records.line()))
}

/// JumpCloud's files may have an e-mail address in place of the username.
fn has_user_name(format: Format, columns: &[(String, Option<Column>)]) -> bool {
    columns.iter().any(|(title, column)| match column {
        Some(Column::At(place)) => {
            place.is_user_name() || (format == Format::JumpCloud && plain(title) == "email")
        }
        _ => false,
    })
}

fn refuse_doubles(columns: &[(String, Option<Column>)]) -> Result<(), CsvError> {
    for (index, (title, column)) in columns.iter().enumerate() {
        let before = columns[..index]
            .iter()
            .find(|(_, other)| column.is_some() && other == column);
        if let Some((first, _)) = before {
            return Err(CsvError::SameColumn {
                first: first.clone(),
                second: title.clone(),
            });
        }
    }
    Ok(())
}

/// The titles for a message: the first few, cut.
fn shown(titles: &[String]) -> String {
    let mut shown: Vec<String> = titles
        .iter()
        .take(6)
        .map(|title| title.chars().take(40).collect())
        .collect();
    if titles.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
