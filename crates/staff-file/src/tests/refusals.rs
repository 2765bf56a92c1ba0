//! What is no staff file gets one plain sentence.

use super::super::CsvError;
use super::*;

#[test]
fn each_its_sentence() {
    for (bytes, sentence) in [
        (&b""[..], "the file is empty"),
        (b"\xef\xbb\xbf\r\n  \r\n", "the file is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "the file is a PDF document"),
        (b"PK\x03\x04\x14\x00\x06\x00", "the file is an Excel workbook"),
        (
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            "the file is a web page",
        ),
        (b"  <html lang=en>", "the file is a web page"),
        (b"{\"Resources\": []}", "the file is JSON"),
        (b"\x00\x01\x02\x03userName,active", "the file is no text"),
        (b"userName,active\n", "nobody below it"),
        (b"userName,active", "nobody below it"),
        (b"name,shoe size\nAnna,38\n", "found name, shoe size"),
        (b"just some words", "found just some words"),
        (b"a,b,c,d,e,f,g,h\n", "found a, b, c, d, e, f, …"),
        (b"\"userName", "no column holds the userName"),
        (b"userName,UserName\na,b\n", "both hold the same attribute"),
    ] {
        let error = read(bytes).expect_err("refused");
        assert!(error.to_string().contains(sentence), "{error} / {sentence}");
        assert!(!error.to_string().contains('\n'));
    }
    assert_eq!(read(b" "), Err(CsvError::Empty));
}

#[test]
fn of_very_many_problems_the_rest_is_counted() {
    let text = format!("userName,title\n{}anna,Engineer\n", ",\n".repeat(1_500));
    let file = file(&text);
    assert_eq!((file.rows.len(), file.problems.count()), (1, 1_500));
    assert_eq!(file.problems.len(), 1_000);
    let list = file.problems.into_list();
    assert_eq!(list.len(), 1_001);
    assert_eq!(list[999].line, 1_001);
    assert_eq!(list[1_000].to_string(), "line 1002: and 500 more from here on");
}

#[test]
fn a_file_has_so_many_rows_and_no_more() {
    let most = super::super::build::MAX_ROWS;
    let rows = |count: usize| format!("userName,title\n{}", ",\n".repeat(count));
    assert_eq!(file(&rows(most)).problems.count(), most);
    assert_eq!(
        read(rows(most + 1).as_bytes()),
        Err(CsvError::TooManyRows { most })
    );
}
