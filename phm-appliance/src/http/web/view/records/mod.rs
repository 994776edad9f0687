//! Lists, pages, forms and histories of records of any kind.

mod detail;
mod form;
mod history;
mod list;

pub use detail::Detail;
pub use form::{Form, FormData};
pub use history::{History, VersionData};
pub use list::{Filter, List, Overview, Pager};
