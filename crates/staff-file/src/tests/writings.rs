//! One list, written in every way: encodings, line ends, delimiters, order of columns.

use super::super::{Delimiter, Encoding};
use super::*;

/// The rows as they are when written plainly.
fn plain() -> Vec<Value> {
    people(&file(ENTRA_DOWNLOAD))
}

fn assert_same(bytes: &[u8], encoding: Encoding, delimiter: Delimiter) {
    let file = read(bytes).expect("a staff file");
    assert_eq!((file.encoding, file.delimiter), (encoding, delimiter));
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(people(&file), plain());
}

#[test]
fn encodings() {
    let utf16 = |unit: fn(u16) -> [u8; 2], bom: u16| -> Vec<u8> {
        std::iter::once(bom)
            .chain(ENTRA_DOWNLOAD.encode_utf16())
            .flat_map(unit)
            .collect()
    };
    let (windows, _, lost) = encoding_rs::WINDOWS_1252.encode(ENTRA_DOWNLOAD);
    assert!(!lost);
    for (bytes, encoding) in [
        (ENTRA_DOWNLOAD.as_bytes().to_vec(), Encoding::Utf8),
        (format!("\u{feff}{ENTRA_DOWNLOAD}").into_bytes(), Encoding::Utf8),
        (utf16(u16::to_le_bytes, 0xfeff), Encoding::Utf16Le),
        (utf16(u16::to_be_bytes, 0xfeff), Encoding::Utf16Be),
        (windows.into_owned(), Encoding::Windows1252),
    ] {
        assert_same(&bytes, encoding, Delimiter::Comma);
    }
}

#[test]
fn line_ends() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ENTRA_DOWNLOAD.replace('\n', end);
        assert_same(text.as_bytes(), Encoding::Utf8, Delimiter::Comma);
        assert_same(text.trim_end().as_bytes(), Encoding::Utf8, Delimiter::Comma);
        assert_same(
            format!("{text}{end}{end}  {end}").as_bytes(),
            Encoding::Utf8,
            Delimiter::Comma,
        );
        let lines: Vec<u64> = file(&text).rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4, 5]);
    }
}

#[test]
fn delimiters() {
    for (character, delimiter) in [(b';', Delimiter::Semicolon), (b'\t', Delimiter::Tab)] {
        let text = rewritten(character, |cells| cells);
        assert_same(text.as_bytes(), Encoding::Utf8, delimiter);
        let announced = format!("sep={}\n{text}", char::from(character));
        let file = file(&announced);
        assert_eq!(people(&file), plain());
        assert_eq!(file.rows[0].line, 3);
    }
}

#[test]
fn the_order_of_columns_does_not_count() {
    let text = rewritten(b',', |mut cells| {
        cells.reverse();
        cells
    });
    let sort = |mut people: Vec<Value>| {
        for person in &mut people {
            for list in ["emails", "addresses", "phoneNumbers"] {
                if let Some(elements) = person[list].as_array_mut() {
                    elements.sort_by_key(|element| element["type"].to_string());
                }
            }
        }
        people
    };
    assert_eq!(sort(people(&file(&text))), sort(plain()));
}

/// The download, written anew by another author's code.
fn rewritten(delimiter: u8, change: fn(Vec<String>) -> Vec<String>) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(ENTRA_DOWNLOAD.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    for record in reader.records() {
        let cells = record
            .expect("well-formed")
            .iter()
            .map(ToOwned::to_owned)
            .collect();
        writer.write_record(change(cells)).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8")
}
