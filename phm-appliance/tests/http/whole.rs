//! What holds for every answer: headers, envelopes, health, figures, documentation.

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::Home;

#[tokio::test]
async fn every_answer_carries_its_id_and_the_security_headers() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for path in ["/api/v1/me", "/api/v1/nothing", "/healthz", "/metrics", "/docs", "/a-page", "/api/openapi.json"] {
        let reply = home.act(Method::GET, path, Some(&asha), &[("x-request-id", "test-00001")]).await;
        assert_eq!(reply.header("x-request-id"), "test-00001", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!reply.header("content-security-policy").contains("unsafe-"), "{path}");
    }
    let reply = home.act(Method::GET, "/api/v1/me", Some(&asha), &[("x-request-id", "test-00002")]).await;
    assert_eq!(reply.json()["meta"]["request_id"], "test-00002");
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_the_envelope() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    assert_eq!(home.get("/api/v1/nothing", Some(&asha)).await.failure(), (404, "not-found".to_owned()));
    assert_eq!(home.get("/api/v1/profiles/me/unicorns", Some(&asha)).await.failure(), (404, "not-found".to_owned()));
    assert_eq!(home.get("/api/v1/profiles/x/notes", Some(&asha)).await.failure(), (404, "not-found".to_owned()));
    assert_eq!(home.get("/api/v1/profiles/me/notes/x", Some(&asha)).await.failure(), (404, "not-found".to_owned()));
    let wrong = home.act(Method::DELETE, "/api/v1/me", Some(&asha), &[]).await;
    assert_eq!(wrong.failure(), (405, "method-not-allowed".to_owned()));
}

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let (home, _) = Home::of(["Asha"]).await;
    for path in ["/healthz", "/health"] {
        assert_eq!(home.get(path, None).await.json(), json!({"status": "ok"}));
    }
    let ready = home.get("/readyz", None).await;
    assert_eq!(ready.json(), json!({"status": "ready", "checks": [{"id": "vault", "status": "ready"}]}));
    let empty = Home::empty(|_| ());
    assert_eq!(empty.get("/healthz", None).await.status, 200);
    assert_eq!(empty.get("/readyz", None).await.status, 503);
}

#[tokio::test]
async fn figures_name_patterns_and_never_people() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    home.get(&format!("/api/v1/profiles/{}/notes", asha.profile), Some(&asha)).await;
    home.get(&format!("/api/v1/profiles/{}/notes/x", asha.profile), Some(&asha)).await;
    home.get(&format!("/no/{}", asha.profile), Some(&asha)).await;
    let text = home.get("/metrics", None).await.text();
    let line = "http_requests_total{method=\"GET\",endpoint=\"/api/v1/profiles/{profile}/notes\",status=\"200\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("endpoint=\"/api/v1/profiles/{profile}/notes/{id}\",status=\"404\"} 1"), "{text}");
    assert!(text.contains("request_duration_seconds_bucket{"), "{text}");
    assert!(text.contains("phm_vault_open 1"), "{text}");
    assert!(!text.contains(&asha.profile), "{text}");
}

#[tokio::test]
async fn figures_are_for_this_machine_or_for_who_shows_the_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("token");
    let from_elsewhere = async |home: &Home, token: &str| {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("x-forwarded-for", "192.0.2.7")];
        if !token.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        home.act(Method::GET, "/metrics", None, &headers).await
    };
    let closed = Home::open(|_| ());
    assert_eq!(from_elsewhere(&closed, "").await.failure(), (403, "not-granted".to_owned()));
    assert_eq!(closed.get("/metrics", None).await.status, 200);

    let home = Home::open(|settings| settings.metrics_token_file = Some(file.clone()));
    assert_eq!(from_elsewhere(&home, "x").await.status, 500, "a file that is not there opens nothing");
    std::fs::write(&file, "\n").expect("written");
    assert_eq!(from_elsewhere(&home, "x").await.failure().0, 401, "an empty token is none");
    std::fs::write(&file, "a long secret\nand a remark\n").expect("written");
    for wrong in ["", "a", "a long secret too", "and a remark"] {
        assert_eq!(from_elsewhere(&home, wrong).await.failure().0, 401, "{wrong}");
    }
    let figures = from_elsewhere(&home, "a long secret").await;
    assert!(figures.status == 200 && figures.text().contains("phm_vault_open 1"), "{}", figures.text());
    assert_eq!(home.get("/metrics", None).await.status, 200, "this machine itself needs none");
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let home = Home::empty(|_| ());
    let page = home.get("/docs", None).await;
    assert_eq!(page.status, 200);
    for part in ["/docs/swagger-ui.css", "/docs/swagger-ui.js", "/docs/start.js"] {
        assert!(page.text().contains(part), "{part}");
        assert_eq!(home.get(part, None).await.status, 200, "{part}");
    }
    assert!(!page.text().contains("https://") && !page.text().contains("<script>"));
    let document: Value = home.get("/api/openapi.json", None).await.json();
    assert!(document["paths"]["/profiles/{profile}/lab-results"]["get"].is_object());
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_takes_it() {
    let home = Home::empty(|_| ());
    let plain = home.get("/api/openapi.json", None).await;
    let packed = home.act(Method::GET, "/api/openapi.json", None, &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.bytes.len() * 3 < plain.bytes.len());
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_to_wait() {
    let home = Home::open(|settings| settings.requests_per_minute = 5);
    for _ in 0..5 {
        assert_eq!(home.get("/healthz", None).await.status, 200);
    }
    let reply = home.get("/healthz", None).await;
    assert_eq!(reply.failure(), (429, "too-many-requests".to_owned()));
    assert!(reply.header("retry-after").parse::<u64>().is_ok());
}
