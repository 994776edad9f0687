//! `/trust`: how devices come to trust this machine's own certificate authority.
//!
//! Open to everybody at home, also on plain http and while the house is locked: it comes before all trust. Whoever
//! follows it compares the fingerprint with the one the program printed.

use poem::Response;
use poem::http::header;

use super::reply::html;
use super::visit::Visit;
use crate::http::context::host;
use crate::http::problem::Problem;
use crate::http::web::qr;
use crate::http::web::view::trust::Trust;

/// The page with its steps.
pub async fn trust(visit: Visit) -> Result<Response, Problem> {
    let keeper = visit.house.keeper().ok_or_else(Problem::not_found)?;
    let authority = keeper.authority().ok_or_else(Problem::not_found)?;
    let asked = host(&visit.request);
    let is_reachable = keeper.is_called(asked) && !matches!(asked, "localhost" | "127.0.0.1" | "[::1]");
    let host =
        if is_reachable { asked.to_owned() } else { keeper.from_elsewhere().unwrap_or_else(|| asked.to_owned()) };
    let settings = &visit.house.settings;
    let address = match settings.http_listen {
        Some(plain) => format!("http://{host}:{}/trust", plain.port()),
        None => format!("https://{host}:{}/trust", settings.listen.port()),
    };
    html(&Trust {
        page: visit.bare(&visit.t.say("trust-title")),
        fingerprint: authority.fingerprint(),
        name: authority.name().to_owned(),
        code: qr::svg(&address, &address),
        address,
    })
}

/// The certificate itself, in the form every system takes.
pub async fn certificate(visit: Visit) -> Result<Response, Problem> {
    let keeper = visit.house.keeper().ok_or_else(Problem::not_found)?;
    let authority = keeper.authority().ok_or_else(Problem::not_found)?;
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "application/x-x509-ca-cert")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"phm.crt\"")
        .body(authority.pem().to_owned()))
}
