//! From bytes to text.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::CsvError;

/// How a file's characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Encoding {
    #[serde(rename = "UTF-8")]
    Utf8,
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
    #[serde(rename = "Windows-1252")]
    Windows1252,
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// How other kinds of file begin, and what to do about them.
const OTHERS: [(&[u8], &str); 7] = [
    (b"%PDF", "a PDF document; export the list as CSV"),
    (
        b"PK\x03\x04",
        "an Excel workbook or a ZIP archive; save the sheet as CSV first",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook; save the sheet as CSV first",
    ),
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
];

/// Decodes by the byte-order mark; without one it is UTF-8, or Windows-1252 where that fails. Line ends become LF.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), CsvError> {
    if let Some((_, what)) = OTHERS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(CsvError::OtherKind { what });
    }
    let (text, encoding) = match bytes {
        [0xff, 0xfe, rest @ ..] => (UTF_16LE.decode_without_bom_handling(rest).0, Encoding::Utf16Le),
        [0xfe, 0xff, rest @ ..] => (UTF_16BE.decode_without_bom_handling(rest).0, Encoding::Utf16Be),
        _ => {
            let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            match std::str::from_utf8(rest) {
                Ok(text) => (text.into(), Encoding::Utf8),
                Err(_) => (
                    WINDOWS_1252.decode_without_bom_handling(rest).0,
                    Encoding::Windows1252,
                ),
            }
        }
    };
    if text.trim().is_empty() {
        return Err(CsvError::Empty);
    }
    if text.chars().any(is_binary) {
        return Err(CsvError::OtherKind {
            what: "no text; a CSV file is expected",
        });
    }
    let start = text.trim_start();
    if starts_like_html(start) {
        return Err(CsvError::OtherKind {
            what: "a web page, perhaps a sign-in page that was saved instead of the download",
        });
    }
    if start.starts_with('{') || start.starts_with('[') {
        return Err(CsvError::OtherKind {
            what: "JSON; a CSV file is expected",
        });
    }
    Ok((text.replace("\r\n", "\n").replace('\r', "\n"), encoding))
}

/// Control characters that no text file has.
fn is_binary(character: char) -> bool {
    character.is_ascii_control()
        && !matches!(character, '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\x1a' | '\x7f')
}

fn starts_like_html(text: &str) -> bool {
    let start: String = text.chars().take(9).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml")
}
