//! QR codes as drawings inside a page.

use qrcode::{Color, EcLevel, QrCode};

/// Empty modules around the code, as ISO/IEC 18004 asks for.
const QUIET: usize = 4;

/// `text` as a QR code in SVG with `label` for who cannot see it; empty when the text is too long for one.
pub fn svg(text: &str, label: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let length = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if length > 0 {
                path.extend([format!("M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET)]);
            }
            x += length.max(1);
        }
    }
    let side = width + 2 * QUIET;
    let label = label.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\"><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_covers_the_modules_the_encoder_set_and_nothing_else() {
        let text = "https://192.168.1.5:8443/trust/phm.crt";
        let drawn = svg(text, "a \"code\"");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short enough");
        let dark = code.to_colors().into_iter().filter(|color| *color == Color::Dark).count();
        let lengths = drawn.split("v1h-").skip(1).filter_map(|rest| rest.split('z').next()?.parse::<usize>().ok());
        assert_eq!(lengths.sum::<usize>(), dark);
        assert!(drawn.contains("aria-label=\"a &quot;code&quot;\""));
        assert!(svg(&"x".repeat(5000), "").is_empty());
    }
}
