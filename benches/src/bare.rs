//! The engines by themselves: the same bytes put under an id, without keys, versions, consent, audit or index.
//!
//! They say what all of that costs. A write is one value and is durable as far as the engine makes it: redb commits with a
//! sync of the file; sled flushes, which starts writing but asks no disk to keep anything (PHM's guard adds that).

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase as _, TableDefinition};

const RECORDS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("records");

/// One engine with nothing around it.
pub enum Bare {
    /// sled.
    Sled(sled::Db),
    /// redb.
    Redb(Box<Database>),
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

impl Bare {
    /// sled in `folder`.
    pub fn sled(folder: &Path) -> Outcome<Self> {
        Ok(Self::Sled(sled::Config::new().path(folder.join("sled")).open()?))
    }

    /// redb in `folder`.
    pub fn redb(folder: &Path) -> Outcome<Self> {
        let bare = Self::Redb(Box::new(Database::create(folder.join("redb"))?));
        // Makes the table, so that reading finds one.
        bare.put([])?;
        Ok(bare)
    }

    /// The name in the table.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sled(_) => "bare sled",
            Self::Redb(_) => "bare redb",
        }
    }

    /// Puts bodies under ids, durably, in one transaction.
    pub fn put<'b>(&self, bodies: impl IntoIterator<Item = (&'b [u8; 16], &'b str)>) -> Outcome<()> {
        match self {
            Self::Sled(db) => {
                let mut batch = sled::Batch::default();
                for (id, body) in bodies {
                    batch.insert(id, body.as_bytes());
                }
                db.apply_batch(batch)?;
                db.flush()?;
            }
            Self::Redb(db) => {
                let mut write = db.begin_write()?;
                write.set_durability(Durability::Immediate)?;
                {
                    let mut table = write.open_table(RECORDS)?;
                    for (id, body) in bodies {
                        table.insert(id.as_slice(), body.as_bytes())?;
                    }
                }
                write.commit()?;
            }
        }
        Ok(())
    }

    /// The length of the body under an id.
    pub fn read(&self, id: &[u8; 16]) -> Outcome<Option<usize>> {
        Ok(match self {
            Self::Sled(db) => db.get(id)?.map(|body| body.to_vec().len()),
            Self::Redb(db) => {
                let table = db.begin_read()?.open_table(RECORDS)?;
                table.get(id.as_slice())?.map(|body| body.value().to_vec().len())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_engines_keep_what_they_are_given() {
        let folder = tempfile::tempdir().expect("a folder");
        for bare in [Bare::sled(folder.path()).expect("sled"), Bare::redb(folder.path()).expect("redb")] {
            bare.put([(&[1; 16], "one"), (&[2; 16], "three")]).expect("put");
            assert_eq!(bare.read(&[2; 16]).expect("read"), Some(5), "{}", bare.name());
            assert_eq!(bare.read(&[3; 16]).expect("read"), None);
        }
    }
}
