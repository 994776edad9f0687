//! The door for plain http beside https: it leads to https and does nothing else.
//!
//! People are sent on; programs are refused instead, because one that was sent on would go on sending its token where
//! others can read it. How the house does and how to trust its certificate may be asked here, since both come before
//! trust.

use std::sync::Arc;

use poem::endpoint::make_sync;
use poem::http::{StatusCode, header};
use poem::{IntoResponse as _, Request, Response, Route, get};

use super::context::host;
use super::house::House;
use super::problem::Problem;
use super::shell::Shell;
use super::{health, web};

/// Everything the plain door answers; `https_port` is where the house itself listens.
pub fn plain_door(house: &Arc<House>, https_port: u16) -> Shell<Route> {
    let public = house.settings.public_url.clone();
    let route = Route::new()
        .at("/healthz", get(health::alive))
        .at("/health", get(health::alive))
        .at("/readyz", get(health::ready))
        .at("/assets/:name", get(web::asset))
        .at("/trust", web::trust_page())
        .at("/trust/phm.crt", web::trust_file())
        .nest("/api", make_sync(|_| Problem::https_needed().into_response()))
        .nest("/fhir", make_sync(|_| Problem::https_needed().into_response()))
        .nest("/", make_sync(move |request| lead_to_https(&request, &public, https_port)));
    Shell::new(Arc::clone(house), route)
}

/// The same page by https. A host that is no name of ours could lead anywhere, so it is led to the public address.
fn lead_to_https(request: &Request, public: &str, port: u16) -> Response {
    let house = House::of(request);
    let host = host(request);
    let is_ours = house.keeper().is_some_and(|keeper| keeper.is_called(host));
    let base = match (is_ours, port) {
        (true, 443) => format!("https://{host}"),
        (true, port) => format!("https://{host}:{port}"),
        (false, _) => public.to_owned(),
    };
    let path = request.original_uri().path_and_query().map_or("/", |path| path.as_str());
    Response::builder()
        .status(StatusCode::TEMPORARY_REDIRECT)
        .header(header::LOCATION, format!("{base}{path}"))
        .finish()
}
