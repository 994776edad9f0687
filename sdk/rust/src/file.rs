//! The file of a document, asked for piece by piece.

use phm_plugin_api::v1::Refusal;
use phm_plugin_api::v1::calls::DocumentsContent;

use crate::{base64, host};

/// A file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct File {
    /// Its bytes; none where it is longer than was asked for.
    pub bytes: Vec<u8>,
    /// Its length.
    pub size: u64,
    /// What it is: `application/pdf`.
    pub media_type: String,
}

impl File {
    /// The file of a document, unless it is longer than `most` bytes: then only how long it is.
    ///
    /// # Errors
    /// The refusal of the house.
    pub fn of(document: &str, most: u64) -> Result<Self, Refusal> {
        let mut file = Self::default();
        loop {
            let from = file.bytes.len() as u64;
            let piece = host::call(&DocumentsContent::at(document, from))?;
            (file.size, file.media_type) = (piece.size, piece.media_type);
            if file.size > most {
                return Ok(Self { bytes: Vec::new(), ..file });
            }
            let bytes = base64::decode(&piece.bytes).ok_or_else(unreadable)?;
            if bytes.is_empty() && from < file.size {
                return Err(unreadable());
            }
            file.bytes.extend(bytes);
            if file.bytes.len() as u64 >= file.size {
                return Ok(file);
            }
        }
    }
}

fn unreadable() -> Refusal {
    Refusal { code: "unreadable".into(), door: None, message: "the file came in another form".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::House;

    #[test]
    fn a_file_of_many_pieces_comes_whole_and_a_long_one_not_at_all() {
        let bytes: Vec<u8> = (0..=255).cycle().take(2_500_000).collect();
        let house = House::new().with_document("one", "application/pdf", &bytes);
        let (whole, long) = house.run(|| (File::of("one", 3_000_000), File::of("one", 2_000_000)));
        let whole = whole.expect("the file");
        assert!(whole.bytes == bytes && whole.media_type == "application/pdf");
        let long = long.expect("how long it is");
        assert_eq!((long.bytes.len(), long.size), (0, 2_500_000));
        let refused = House::new().run(|| File::of("none", 10)).expect_err("there is none");
        assert_eq!(refused.code, "not-found");
    }
}
