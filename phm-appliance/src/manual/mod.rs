//! The manual of the appliance: how people come in, and what that is measured by.
//!
//! The library's own manual, on the vault and what a stolen disk shows, is `phm_core::manual`.
//!
//! | chapter | answers |
//! |---|---|
//! | [`sign_in`] | Which ways in are there, how strong is each, and what stops somebody who guesses? |
//! | [`asvs`] | Which requirements of OWASP ASVS 5.0 on these matters are met, and which test shows it? |

#[doc = include_str!("sign_in.md")]
pub mod sign_in {}

#[doc = include_str!("asvs.md")]
pub mod asvs {}

#[cfg(test)]
mod tests;
