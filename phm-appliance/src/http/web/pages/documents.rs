//! Documents: taking files in and giving them out.

use phm_core::access::Action;
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::records::faults;
use super::reply::{go, html_with};
use super::visit::Visit;
use crate::http::api::documents::{Content, wanted};
use crate::http::problem::Problem;
use crate::http::web::forms::read::{Submitted, body as read_body, put};
use crate::http::web::forms::{Links, Problem as Fault, layout};
use crate::http::web::view::page::Here;
use crate::http::web::view::records::{Form, FormData};

/// What a browser's own viewer of PDFs needs, and nothing that could run or reach out from the file.
const VIEWER: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Takes a file in. One dropped on the list is described afterwards; the form describes it at once.
pub async fn add(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let layout = layout::of_kind("document").ok_or_else(Problem::internal)?;
    let limit = visit.house.settings.upload_bytes;
    let (pairs, zone) = (visit.form.clone(), visit.t.zone().clone());
    let described = visit.field("then") != "edit";
    let mut visit = visit;
    let upload = visit.upload.take();
    let outcome = visit
        .with(move |session, frame| {
            let permit = session.permit(Action::Add, profile, "document")?;
            let mut body = read_body(layout, Submitted(&pairs), None, &zone);
            if let Some(upload) = &upload {
                let name = Value::from(upload.name.as_str());
                if body.get("title").is_none() {
                    put(&mut body, "title", Some(name));
                }
                if body.get("category").is_none() {
                    put(&mut body, "category", Some(Value::from("other")));
                }
            }
            let problems = match upload {
                None => vec![Fault { path: "/file".to_owned(), code: "no-file".to_owned() }],
                Some(upload) => match session.add_document(&permit, &body, &mut upload.content.reader()?, limit) {
                    Ok(record) => return Ok(Ok(record.id)),
                    Err(error) if error.code() == "empty-file" => {
                        vec![Fault { path: "/file".to_owned(), code: "no-file".to_owned() }]
                    }
                    Err(error) => faults(error)?,
                },
            };
            let here = Here::Collection("documents".to_owned());
            let page = frame.page(session, &frame.t().say("kinds-document"), here, Some(profile))?;
            let links = Links::new();
            let data = FormData {
                editing: None,
                body: &body,
                problems: &problems,
                links: &links,
                grow: None,
                of: None,
                conflict: false,
            };
            Ok(Err(Box::new(Form::new(page, layout, &data))))
        })
        .await?;
    match outcome {
        Ok(id) if described => Ok(go(&format!("/p/{profile}/documents/{id}?done=saved"))),
        Ok(id) => Ok(go(&format!("/p/{profile}/documents/{id}/edit"))),
        Err(form) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &*form),
    }
}

/// The file of a document, shown where browsers can show it.
pub async fn content(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let range = visit.request.header(header::RANGE).map(str::to_owned);
    let download = visit.asked("download") == "1";
    let document = visit
        .with(move |session, _| {
            let permit = session.permit(Action::Read, profile, "document")?;
            Ok(session.document(&permit, id)?)
        })
        .await?;
    let range = range.map_or(Ok(None), |range| wanted(&range, document.bytes))?;
    let name = file_name(&document.title, &document.media_type);
    let is_pdf = document.media_type == "application/pdf";
    let mut response = Content::of(document, range).await?.0;
    let headers = response.headers_mut();
    let shown = headers.get(header::CONTENT_DISPOSITION).is_some_and(|value| value == "inline") && !download;
    let how = if shown { "inline" } else { "attachment" };
    let disposition = format!("{how}; filename*=UTF-8''{}", super::reply::encoded(&name).replace('+', "%20"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if is_pdf {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEWER));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// A name for the saved file, with the ending its kind has.
fn file_name(title: &str, media_type: &str) -> String {
    let plain: String = title.chars().filter(|c| !c.is_control() && !"/\\:*?\"<>|".contains(*c)).take(120).collect();
    let ending = match media_type {
        "application/pdf" => ".pdf",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        _ => "",
    };
    if plain.to_lowercase().ends_with(ending) { plain } else { plain + ending }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_has_a_plain_name_and_its_ending() {
        assert_eq!(file_name("Lab report: 3/4", "application/pdf"), "Lab report 34.pdf");
        assert_eq!(file_name("scan.JPG", "image/jpeg"), "scan.JPG");
    }
}
