//! Setting the house up: who may, and what is remembered until somebody has.

use std::sync::{Arc, MutexGuard, PoisonError};

use poem::http::StatusCode;

use super::House;
use crate::auth::Desk;
use crate::auth::invitation::SetupToken;
use crate::http::problem::Problem;

impl House {
    /// Whether set-up is still to be done: there is no vault, or no account in it.
    pub async fn needs_setup(self: &Arc<Self>) -> Result<bool, Problem> {
        match self.open() {
            Ok(opened) => Ok(!opened.desk(Desk::has_accounts).await?),
            Err(_) => Ok(!self.has_vault()),
        }
    }

    /// The token that lets one person set the house up; the earlier one is void.
    pub fn new_setup_token(&self) -> String {
        let token = SetupToken::new();
        let text = token.text();
        *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        text
    }

    /// Runs `work` if `token` is the one given out and still good; it is used up when `work` succeeds.
    pub fn with_setup_token<T>(&self, token: &str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.with_setup_token_until(token, || Ok((work()?, true)))
    }

    /// As [`House::with_setup_token`], where `work` says whether the house is set up and the token used up.
    pub fn with_setup_token_until<T>(
        &self,
        token: &str,
        work: impl FnOnce() -> Result<(T, bool), Problem>,
    ) -> Result<T, Problem> {
        // Not the lock of the token: requests that only ask about it must not wait for the work.
        let _one_at_a_time = self.setting_up.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_setup_token(token)?;
        let (done, is_set_up) = work()?;
        if is_set_up {
            *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Ok(done)
    }

    /// The recovery code of a vault that set-up made, until somebody was shown it: making the first account may fail
    /// and be tried again, and no other attempt would have the code.
    pub fn unshown_code(&self) -> MutexGuard<'_, Option<String>> {
        self.unshown_code.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a token that is not the one given out, before anything of a request is taken in; never waits for a set-up.
    ///
    /// # Errors
    /// 403 `setup-token-invalid`.
    pub fn check_setup_token(&self, token: &str) -> Result<(), Problem> {
        let setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
        if setup.as_ref().is_some_and(|good| good.is(token)) { Ok(()) } else { Err(no_setup_token()) }
    }
}

fn no_setup_token() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "setup-token-invalid",
        "this set-up link is used up or older than 30 minutes; start PHM again for a new one",
    )
}
