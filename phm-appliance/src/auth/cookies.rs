//! The two cookies of PHM.
//!
//! `phm_refresh` holds a program's refresh token and travels to `/api/v1/auth` only; `phm_session` holds a browser's
//! session. Neither can be read by script, and both travel under https only where there is https.

use poem::http::HeaderValue;
use poem::{Request, http::header};

use super::session;

/// Name of the cookie with a refresh token.
pub const REFRESH: &str = "phm_refresh";

/// Name of the cookie with a browser's session.
pub const SESSION: &str = "phm_session";

/// `Set-Cookie` with a refresh token.
pub fn refresh(token: &str, https: bool) -> HeaderValue {
    set(REFRESH, token, "Strict", "/api/v1/auth", session::LIFETIME.as_secs(), https)
}

/// `Set-Cookie` with a browser's session. `Lax`, so that a link from elsewhere finds the person signed in.
pub fn session(token: &str, https: bool) -> HeaderValue {
    set(SESSION, token, "Lax", "/", session::LIFETIME.as_secs(), https)
}

/// `Set-Cookie` that removes the refresh token.
pub fn no_refresh(https: bool) -> HeaderValue {
    set(REFRESH, "", "Strict", "/api/v1/auth", 0, https)
}

/// `Set-Cookie` that removes a browser's session.
pub fn no_session(https: bool) -> HeaderValue {
    set(SESSION, "", "Lax", "/", 0, https)
}

/// The value of a cookie of the request.
pub fn read<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let lines = request.headers().get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn set(name: &str, value: &str, same_site: &str, path: &str, seconds: u64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={value}; HttpOnly; SameSite={same_site}; Path={path}; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).expect("tokens are plain text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        let plain = refresh("a.b", false);
        let plain = plain.to_str().expect("text");
        assert_eq!(plain, "phm_refresh=a.b; HttpOnly; SameSite=Strict; Path=/api/v1/auth; Max-Age=604800");
        assert!(refresh("a.b", true).to_str().expect("text").ends_with("; Secure"));
        assert!(no_session(false).to_str().expect("text").contains("Max-Age=0"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let request = Request::builder().header("cookie", "a=1; phm_session=x.y=; b=2").finish();
        assert_eq!(read(&request, SESSION), Some("x.y="));
        assert_eq!(read(&request, REFRESH), None);
    }
}
