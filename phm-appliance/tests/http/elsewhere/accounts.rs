//! Which account somebody comes into whom the provider vouches for, and with which roles.

use phm_appliance::settings::{OidcLink, Registration, Settings};
use phm_core::access::Role;
use phm_core::id::ProfileId;
use poem::http::Method;
use serde_json::{Value, json};

use super::provider::provider;
use super::{asha, come_in, house, is_in};
use crate::house::PASSWORD;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_the_provider_vouches_for_comes_into_the_account_with_their_address() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    // Known again by issuer and subject, whatever the address has become.
    provider.lock().expect("the provider").claims = json!({"email": "new@example.org", "email_verified": true});
    assert!(is_in(&come_in(&home, &provider).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_without_a_proven_address_or_against_the_policy_gets_no_account() {
    let unknown = async |claims: Value, change: fn(&mut Settings)| {
        let provider = provider(claims).await;
        let home = house(&provider, change);
        home.move_in("Asha").await;
        come_in(&home, &provider).await.header("location") == "/sign-in?elsewhere=unknown"
    };
    assert!(unknown(json!({"email": "asha@example.org", "email_verified": false}), |_| ()).await);
    assert!(unknown(json!({"email": "asha@example.org"}), |_| ()).await);
    assert!(unknown(json!({}), |_| ()).await);
    assert!(unknown(asha(), |settings| settings.oidc_link = OidcLink::Never).await);
    assert!(unknown(json!({"email": "noor@example.org", "email_verified": true}), |_| ()).await);
    let provider = provider(json!({"email": "noor@example.org", "email_verified": true, "name": "Noor"})).await;
    let home = house(&provider, |settings| settings.oidc_register = true);
    home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await), "where newcomers are welcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_give_and_take_the_roles_that_are_tied_to_them_but_never_the_last_administrator() {
    let provider = provider(asha()).await;
    let home = house(&provider, |settings| {
        settings.oidc_roles = vec![("doctors".to_owned(), Role::Provider), ("keepers".to_owned(), Role::Admin)];
    });
    let person = home.move_in("Asha").await;
    let roles = async || home.get("/api/v1/me", Some(&person)).await.data()["roles"].clone();
    come_in(&home, &provider).await;
    assert_eq!(roles().await, json!(["admin", "patient", "provider"]), "the only administrator stays one");
    home.move_in_as("Omar", &["admin"]).await;
    provider.lock().expect("the provider").claims["groups"] = json!([]);
    come_in(&home, &provider).await;
    assert_eq!(roles().await, json!(["patient"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_left_is_not_let_in_and_a_newcomer_gets_what_the_groups_give() {
    let provider = provider(json!({"email": "lin@example.org", "email_verified": true, "groups": ["labs"]})).await;
    let home = house(&provider, |settings| {
        settings.oidc_register = true;
        settings.oidc_roles = vec![("family".to_owned(), Role::Patient), ("labs".to_owned(), Role::Lab)];
    });
    let early = home.act(Method::GET, "/sign-in/oidc", None, &[]).await;
    assert_eq!(early.header("location"), "/setup", "the first account is made by setting the house up");
    let boss = home.move_in_as("Boss", &["admin"]).await;
    assert!(is_in(&come_in(&home, &provider).await));
    let accounts = home.get("/api/v1/accounts", Some(&boss)).await.data();
    let lin = accounts.as_array().expect("a list").iter().find(|one| one["email"] == "lin@example.org");
    assert_eq!(lin.expect("an account")["roles"], json!(["lab"]));
    provider.lock().expect("the provider").claims["groups"] = json!("family");
    assert!(is_in(&come_in(&home, &provider).await), "one group may come as a word");
    provider.lock().expect("the provider").claims["groups"] = json!([]);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_who_gets_the_same_address_at_the_provider_is_not_taken_for_the_first() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    provider.lock().expect("the provider").claims["sub"] = json!("u-18");
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
    // The administrator, who knows the person, lets them begin anew.
    let path = format!("/api/v1/accounts/{}/reset-link", person.account);
    let handed = home.post(&path, Some(&boss), json!({"forgets_factors": true})).await.data();
    let (_, secret) = handed["url"].as_str().expect("a link").split_once("#token=").expect("a secret");
    let chosen = json!({"token": secret, "password": "tulips grow in rows"});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, chosen).await.status, 204);
    assert!(is_in(&come_in(&home, &provider).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_closed_here_stays_closed_whatever_the_provider_says() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    let path = format!("/api/v1/accounts/{}", person.account);
    assert_eq!(home.post(&path, Some(&boss), json!({"active": false})).await.status, 200);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_somebody_made_with_an_address_they_did_not_prove_is_not_handed_over() {
    let provider = provider(json!({"email": "noor@example.org", "email_verified": true})).await;
    let home = house(&provider, |settings| settings.registration = Registration::Open);
    home.move_in("Asha").await;
    let person = json!({"email": "noor@example.org", "password": PASSWORD, "name": "Not Noor"});
    assert_eq!(home.post("/api/v1/auth/register", None, person).await.status, 201);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_sign_in_by_a_provider_is_let_in_by_none_that_knew_them_before() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    // As after a change of providers and back: the earlier one's row is there, and the account names it no more.
    let vault = home.house.open().expect("an open house").vault;
    let row = format!("standing/{}", person.account);
    let refused = tokio::task::spawn_blocking(move || {
        vault.update_state(ProfileId::SYSTEM, &row, |kept: Option<Value>| {
            let mut kept = kept.expect("how the account stands");
            kept["elsewhere"] = Value::Null;
            kept["elsewhere_refused"] = json!(true);
            Ok((Some((kept, None)), ()))
        })
    });
    refused.await.expect("no panic").expect("written");
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_no_sign_in_elsewhere_is_not_found_by_their_address_again() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let person = home.move_in("Asha").await;
    let state = async || home.get("/api/v1/auth/elsewhere", Some(&person)).await.data();
    assert_eq!(state().await, json!({"available": true, "linked": false, "allowed": true}));
    assert!(is_in(&come_in(&home, &provider).await));
    assert_eq!(state().await, json!({"available": true, "linked": true, "allowed": true}));
    let choose = async |allowed: bool, password: &str| {
        let body = json!({"allowed": allowed, "password": password});
        home.post("/api/v1/auth/elsewhere", Some(&person), body).await
    };
    assert_eq!(choose(false, "wrong wrong wrong").await.failure(), (403, "password-needed".to_owned()));
    assert!(is_in(&come_in(&home, &provider).await));
    assert_eq!(choose(false, PASSWORD).await.status, 204);
    assert_eq!(state().await, json!({"available": true, "linked": false, "allowed": false}));
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
    assert_eq!(choose(true, PASSWORD).await.status, 204);
    assert!(is_in(&come_in(&home, &provider).await));
}
