//! QR codes (ISO/IEC 18004), drawn into the page: no image is loaded from anywhere.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// What stays white around it, in modules.
const QUIET: usize = 4;

/// A drawing whose unit is a module.
#[derive(Debug)]
pub struct Qr {
    pub size: usize,
    /// The dark modules, as an SVG path.
    pub path: String,
}

/// Nothing for what is too long.
pub fn draw(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            // Writing into a text cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    Some(Qr {
        size: width + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners() {
        let qr = draw("otpauth://totp/Instep:anna?secret=GEZDGNBV").expect("short enough");
        for (x, y) in [(4, 4), (qr.size - 5, 4), (4, qr.size - 5)] {
            assert!(qr.path.contains(&format!("M{x} {y}h1v1h-1z")), "{x} {y}");
        }
        assert!(!qr.path.contains(&format!("M{0} {0}h1", qr.size - 4)));
        assert!(draw(&"x".repeat(5_000)).is_none());
    }
}
