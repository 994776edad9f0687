//! Taking backups in that are to be restored into an empty house.
//!
//! There is no vault yet that could seal them, and none is needed: everything in a backup is sealed. They stream into a
//! folder of their own in the data folder, which only its owner may enter, and go away with [`Received`]. Nothing is kept
//! before the token of the set-up link has been seen.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use phm_core::ErrorKind;
use phm_core::backup::{self, Keys, Restored};
use phm_core::crypto::digest::hex;
use phm_core::crypto::durable;
use phm_core::crypto::secret::Secret;
use poem::http::StatusCode;
use poem::web::{Field, Multipart};
use poem::{FromRequest as _, Request, RequestBody};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::upload::unreadable;
use crate::http::context::Client;
use crate::http::house::{House, blocking};
use crate::http::problem::Problem;

/// Where uploads lie, in the data folder.
const FOLDER: &str = "incoming";
/// The longest text field.
const LONGEST_FIELD: u64 = 1 << 16;
/// Backups of one chain at most.
const MOST_FILES: usize = 1_000;

/// Uploaded backups and the fields that came with them.
#[derive(Debug)]
pub struct Received {
    /// The fields.
    pub fields: HashMap<String, String>,
    folder: PathBuf,
    files: usize,
}

impl Drop for Received {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the next upload.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Received {
    /// Reads a form with `token`, the secret, and then one `file` or more.
    ///
    /// # Errors
    /// 409 `already-set-up`; 403 `https-needed` where others could listen; 413 `too-large`.
    pub async fn read(request: &Request, body: &mut RequestBody) -> Result<Self, Problem> {
        let house = House::of(request);
        // Before anything is read: the secret stands in this very form.
        Client::of(request, &house.settings).must_be_private()?;
        if !house.needs_setup().await? || house.open().is_ok() {
            return Err(Problem::new(StatusCode::CONFLICT, "already-set-up", "PHM is set up; sign in"));
        }
        let mut parts = Multipart::from_request(request, body).await.map_err(|_| unreadable())?;
        let all = house.settings.data_dir.join(FOLDER);
        let folder = all.join(hex(&phm_core::crypto::random::<8>()));
        let mut received = Self { fields: HashMap::new(), folder, files: 0 };
        while let Some(field) = parts.next_field().await.map_err(|_| unreadable())? {
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name() {
                // A page sends an empty one where none was chosen.
                Some("") => {}
                Some(_) if name == "file" && received.files < MOST_FILES => {
                    if house.check_setup_token(received.field("token")).is_ok() {
                        received.take(field, house.settings.upload_bytes).await?;
                    } else {
                        // Read and dropped, so that a browser comes to the answer that says what is wrong.
                        let mut content = field.into_async_read().take(house.settings.upload_bytes);
                        tokio::io::copy(&mut content, &mut tokio::io::sink()).await.map_err(|_| unreadable())?;
                    }
                }
                Some(_) => return Err(Problem::invalid(format!("/{name}"), "unknown-field")),
                None if received.fields.len() < 20 => {
                    let mut text = String::new();
                    let mut reader = field.into_async_read().take(LONGEST_FIELD);
                    reader.read_to_string(&mut text).await.map_err(|_| unreadable())?;
                    received.fields.entry(name).or_insert(text);
                }
                None => return Err(unreadable()),
            }
        }
        Ok(received)
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    async fn take(&mut self, field: Field, limit: u64) -> Result<(), Problem> {
        let path = self.folder.join(format!("{:04}.phmb", self.files));
        let (folder, new) = (self.folder.clone(), path);
        let file = blocking(move || {
            durable::create_folder(&folder).map_err(phm_core::Error::from)?;
            let file = durable::private().write(true).create_new(true).open(new).map_err(phm_core::Error::from)?;
            Ok(file)
        })
        .await?;
        self.files += 1;
        let mut file = tokio::fs::File::from_std(file);
        let mut content = field.into_async_read().take(limit + 1);
        let failed = |error: std::io::Error| Problem::from(phm_core::Error::from(error));
        let mut buffer = vec![0; 256 * 1024];
        let mut bytes = 0;
        loop {
            let read = content.read(&mut buffer).await.map_err(|_| unreadable())?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            if bytes > limit {
                let text = "the backup is larger than uploads may be; restore it with `phm restore`";
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", text));
            }
            file.write_all(&buffer[..read]).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)
    }

    /// The secret that opens the backup: one of passphrase, recovery code and key.
    fn secret(&self) -> Result<Secret, Problem> {
        let given = ["passphrase", "recovery_code", "key"].map(|name| (name, self.field(name)));
        let mut given = given.into_iter().filter(|(_, text)| !text.is_empty());
        let (Some((name, text)), None) = (given.next(), given.next()) else {
            return Err(Problem::invalid("/passphrase", "required"));
        };
        let secret = match name {
            "recovery_code" => Secret::recovery_code(text),
            "key" => Secret::key(text),
            _ => Ok(Secret::passphrase(text)),
        };
        secret.map_err(|_| Problem::invalid(format!("/{name}"), "invalid"))
    }

    /// Restores what was received into the house and moves in; uses the token up where the house then has accounts.
    ///
    /// # Errors
    /// Those of [`backup::restore_chain`], 422 `corrupt` among them; the data folder is then as it was.
    pub fn restore(self, house: &House) -> Result<Restored, Problem> {
        house.check_setup_token(self.field("token"))?;
        let secret = self.secret()?;
        if self.files == 0 {
            return Err(Problem::invalid("/file", "required"));
        }
        house.with_setup_token_until(self.field("token"), || {
            let dir: &Path = &house.settings.data_dir;
            let from = [self.folder.clone()];
            let restored = backup::restore_and_open(&from, dir, Keys::Secret(&secret), house.options());
            let (vault, report) = restored.map_err(|error| match error.kind() {
                // What was sent is damaged, and nothing of ours.
                ErrorKind::Corrupt => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), error.to_string()),
                _ => error.into(),
            })?;
            crate::whereabouts::remember(&vault);
            let has_accounts = vault.has_accounts()?;
            house.move_in(vault)?;
            Ok((report, has_accounts))
        })
    }
}

/// Removes uploads that a kill has left; called before the house is opened.
pub fn sweep(data_dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(data_dir.join(FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
