//! One request of a browser: who asks, in which language, with which form.

use std::sync::Arc;

use jiff::tz::TimeZone;
use phm_core::id::{ProfileId, RecordId};
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, RequestBody};

use super::reply::Manner;
use crate::auth::cookies;
use crate::auth::session::Refresh;
use crate::http::api::restoring::Received;
use crate::http::api::upload::Upload;
use crate::http::context::Client;
use crate::http::guard::SignedIn;
use crate::http::house::AtWork;
use crate::http::house::House;
use crate::http::packages;
use crate::http::problem::Problem;
use crate::http::web::forms::read::Submitted;
use crate::http::web::view::page::{Account, Here, Page, Person, Theme};
use crate::i18n::{Age, Digits, Language, Locale, zones};
use crate::notify::board;

/// The page that takes backups in.
pub const RESTORE: &str = "/setup/restore";

/// Where packages of plugins are sent to.
pub const PACKAGE: &str = "/admin/plugin-uploads";

/// The cookie a form before sign-in is bound to.
const FORM: &str = "phm_form";

/// The cookie of a time zone chosen by hand; what a browser tells by itself is in `phm_zone`.
pub const CHOSEN_ZONE: &str = "phm_zone_chosen";

/// Why a person at a page asks, in the audit trail.
const PURPOSE: &str = "care";

/// Somebody signed in at a browser.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Account and session.
    pub signed: SignedIn,
    /// The account for the page's frame.
    pub account: Account,
    /// The profile that is the account's own.
    pub own: Option<ProfileId>,
}

/// One request.
pub struct Visit {
    /// The house it came to.
    pub house: Arc<House>,
    /// Who is at the other end, and how safely.
    pub client: Client,
    /// The reader.
    pub t: Locale,
    /// The pairs of the query.
    pub query: Vec<(String, String)>,
    /// The pairs of the form.
    pub form: Vec<(String, String)>,
    /// The file of the form, where it has one.
    pub upload: Option<Upload>,
    /// Backups that are to be restored into an empty house.
    pub backups: Option<Received>,
    /// Whether htmx asks for a part of the page.
    pub is_part: bool,
    /// The request without its body.
    pub request: Request,
    frame: Frame,
    caller: Option<Caller>,
}

/// What every page shares, without the people.
#[derive(Clone, Debug)]
pub struct Frame {
    t: Locale,
    theme: Theme,
    csrf: String,
    account: Option<Account>,
    own: Option<ProfileId>,
    path: String,
    plain_http: bool,
}

impl Visit {
    /// Reads a request: cookies, language, sign-in, form; refuses a form that is not ours.
    pub async fn receive(request: Request) -> Result<(Self, Manner), (Problem, Manner)> {
        let house = Arc::clone(House::of(&request));
        let query: Vec<(String, String)> = request.params().unwrap_or_default();
        let wanted = query.iter().find(|(name, _)| name == "lang").and_then(|(_, tag)| Language::of_tag(tag));
        let t = locale(&request, wanted, house.settings.time_zone.as_ref());
        let theme = cookies::read(&request, "phm_theme").and_then(Theme::of_word).unwrap_or_default();
        let cookie = cookies::read(&request, cookies::SESSION).and_then(Refresh::parse);
        let loose = cookies::read(&request, FORM).filter(|text| text.len() >= 32).map(str::to_owned);
        let path = request.original_uri().path().to_owned();
        let client = Client::of(&request, &house.settings);
        let plain_http = !client.is_secure;
        let mut frame = Frame { t: t.clone(), theme, csrf: String::new(), account: None, own: None, path, plain_http };
        let mut manner = Manner::new(frame.bare(""), client.https);
        manner.is_part = request.header("hx-request").is_some();
        if let Some(language) = wanted {
            manner.remember("phm_lang", language.tag());
        }
        let caller = match &cookie {
            Some(cookie) => admitted(&house, cookie, !is_by_itself(request.uri().path())).await,
            None => None,
        };
        // Whoever chooses a language is written to in it too.
        if let (Some(language), Some(caller)) = (wanted, &caller)
            && let Ok(opened) = house.open()
        {
            let account = caller.signed.account;
            if let Err(problem) = opened.desk(move |desk| desk.speak(account, language)).await {
                tracing::error!(code = problem.code(), "the language of an account was not kept");
            }
        }
        frame.csrf = match (&caller, &cookie, loose) {
            (Some(_), Some(cookie), _) => cookie.csrf(),
            (_, _, Some(loose)) => loose,
            _ => {
                let fresh = phm_core::crypto::digest::hex(&phm_core::crypto::random::<24>());
                manner.remember_for_session(FORM, &fresh);
                fresh
            }
        };
        frame.account = caller.as_ref().map(|caller| caller.account.clone());
        frame.own = caller.as_ref().and_then(|caller| caller.own);
        manner.page = frame.bare("");
        manner.next = if request.method() == Method::GET {
            request.original_uri().path_and_query().map(ToString::to_string)
        } else {
            None
        };
        let is_part = manner.is_part;
        let method = request.method().clone();
        let (request, mut body) = request.split();
        let (mut form, mut upload, mut backups) = (Vec::new(), None, None);
        if method == Method::POST && request.uri().path() == RESTORE {
            match Received::read(&request, &mut body).await {
                Ok(received) => {
                    form = received.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                    backups = Some(received);
                }
                Err(problem) => return Err((problem, manner)),
            }
        } else if method == Method::POST {
            match read_form(&request, &mut body, caller.is_some()).await {
                Ok((pairs, file)) => (form, upload) = (pairs, file),
                Err(problem) => return Err((problem, manner)),
            }
        }
        if method == Method::POST {
            let sent = form.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
            if sent != Some(frame.csrf.as_str()) {
                // The form of somebody whose session ended meanwhile leads to where they can sign in again.
                let problem = if cookie.is_some() && caller.is_none() && house.open().is_ok() {
                    Problem::session_ended()
                } else {
                    Problem::new(StatusCode::FORBIDDEN, "form-expired", "the form is out of date")
                };
                return Err((problem, manner));
            }
        }
        Ok((Self { house, client, t, query, form, upload, backups, is_part, request, frame, caller }, manner))
    }

    /// The first value of a query's name; empty for none.
    pub fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The form's pairs.
    pub fn sent(&self) -> Submitted<'_> {
        Submitted(&self.form)
    }

    /// A field of the form; empty for none.
    pub fn field(&self, name: &str) -> String {
        self.sent().get(name).unwrap_or_default().to_owned()
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> String {
        self.request.raw_path_param(name).unwrap_or_default().to_owned()
    }

    /// The `{p}` of the path.
    pub fn profile(&self) -> Result<ProfileId, Problem> {
        let text = self.part("p");
        if text == "me" {
            return self.signed_in()?.own.ok_or_else(Problem::not_found);
        }
        text.parse().ok().filter(ProfileId::is_person).ok_or_else(Problem::not_found)
    }

    /// The `{id}` of the path.
    pub fn record(&self) -> Result<RecordId, Problem> {
        self.part("id").parse().map_err(|_| Problem::not_found())
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// 401 for nobody, 503 where nobody can be.
    pub fn signed_in(&self) -> Result<&Caller, Problem> {
        self.house.open()?;
        self.caller.as_ref().ok_or_else(Problem::not_signed_in)
    }

    /// Who is signed in, if anybody.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// The frame of pages that concern nobody.
    pub fn bare(&self, title: &str) -> Page {
        self.frame.bare(title)
    }

    /// Runs `work` for the person signed in, on a blocking thread, with the frame for its page.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&AtWork, &Frame) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let caller = self.signed_in()?.signed.clone();
        let frame = self.frame.clone();
        self.house.with(&caller, move |session| work(session, &frame)).await
    }
}

impl Frame {
    /// The frame without people.
    pub fn bare(&self, title: &str) -> Page {
        Page {
            t: self.t.clone(),
            title: title.to_owned(),
            theme: self.theme,
            csrf: self.csrf.clone(),
            account: self.account.clone(),
            people: Vec::new(),
            person: None,
            here: Here::Elsewhere,
            path: self.path.clone(),
            notices: Vec::new(),
            unread: 0,
            plain_http: self.plain_http,
        }
    }

    /// The reader.
    pub fn t(&self) -> &Locale {
        &self.t
    }

    /// The form token.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The frame with the people the session may see, and one of them open: a page about nobody stands with the
    /// reader's own records, so that the way on is never missing.
    ///
    /// # Errors
    /// 404 when the open one is not among them.
    pub fn page(&self, session: &AtWork, title: &str, here: Here, open: Option<ProfileId>) -> Result<Page, Problem> {
        let today = self.t.local_date(session.now());
        let mut people = Vec::new();
        for card in session.profiles()? {
            let birth = card.birth_date.as_deref().and_then(|date| date.parse().ok());
            let age = birth.and_then(|birth| Age::on(birth, today));
            let relation = card.relation.as_deref().map(|relation| format!("relation-{relation}"));
            // Neighbours in the switcher differ in colour.
            let hue = u32::try_from(people.len() % 8).unwrap_or(0) + 1;
            people.push(Person {
                hue,
                detail: age.map(|age| self.t.age(age)).unwrap_or_default(),
                relation: relation.and_then(|key| self.t.first_of(&[&key])).unwrap_or_default(),
                records: self.t.count("records-count", card.records),
                watched: !matches!(card.relation.as_deref(), Some("self" | "owner")),
                ..Person::new(&self.t, &card.profile.to_string(), &card.name)
            });
        }
        let person = match open {
            None => self.at_home(&people),
            Some(open) => {
                let open = open.to_string();
                let found = people.iter().find(|person| person.id == open).cloned();
                Some(found.ok_or_else(Problem::not_found)?)
            }
        };
        let title = if title.is_empty() {
            person.as_ref().map_or("", |person| &person.name).to_owned()
        } else {
            title.to_owned()
        };
        let unread = match session.actor().account() {
            Some(account) => board::unread(&session.vault, account)?,
            None => 0,
        };
        Ok(Page { people, person, here, unread, ..self.bare(&title) })
    }

    /// Who is open on a page about nobody: the reader, else the first whose records they keep. Nobody whose records
    /// are theirs to see only as long as somebody lets them.
    fn at_home(&self, people: &[Person]) -> Option<Person> {
        let own = self.own.map(|own| own.to_string());
        let itself = people.iter().find(|person| own.as_ref() == Some(&person.id));
        itself.or_else(|| people.iter().find(|person| !person.watched)).cloned()
    }
}

/// Whether a page asks for this by itself, whether or not anybody sits before it.
fn is_by_itself(path: &str) -> bool {
    path.starts_with("/p/") && path.ends_with("/watch")
}

async fn admitted(house: &Arc<House>, cookie: &Refresh, is_use: bool) -> Option<Caller> {
    let opened = house.open().ok()?;
    let cookie = Refresh::parse(&cookie.text())?;
    let entered = opened.desk(move |desk| {
        let (account, session) = if is_use { desk.admit_cookie(&cookie)? } else { desk.recognise_cookie(&cookie)? };
        Ok((desk.account(account)?, session))
    });
    let (account, session) = entered.await.ok()?;
    Some(Caller {
        signed: SignedIn::new(account.id, session, PURPOSE),
        own: account.profile,
        account: Account {
            admin: account.roles.iter().any(|role| role == "admin"),
            roles: account.roles,
            name: account.name,
            email: account.email,
        },
    })
}

type Sent = (Vec<(String, String)>, Option<Upload>);

/// The pairs of a form; a file is taken only from somebody signed in.
async fn read_form(request: &Request, body: &mut RequestBody, may_upload: bool) -> Result<Sent, Problem> {
    let kind = request.content_type().unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        if !may_upload {
            return Err(Problem::not_signed_in());
        }
        let limit = match request.uri().path() {
            PACKAGE => packages::MOST_BYTES,
            _ => House::of(request).settings.upload_bytes,
        };
        return Upload::read_form(request, body, limit).await;
    }
    let unreadable = || Problem::new(StatusCode::BAD_REQUEST, "bad-request", "the form cannot be read");
    let limit = House::of(request).settings.body_bytes;
    let body = body.take().map_err(|_| unreadable())?;
    let bytes = body.into_bytes_limit(limit).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the form is larger than this address takes")
    })?;
    serde_urlencoded::from_bytes(&bytes).map(|pairs| (pairs, None)).map_err(|_| unreadable())
}

/// Language by choice, by cookie, by the browser's wish; digits by cookie; the time zone by choice, by what the browser
/// tells, by the household's setting, by the machine's.
fn locale(request: &Request, wanted: Option<Language>, household: Option<&TimeZone>) -> Locale {
    let kept = || cookies::read(request, "phm_lang").and_then(Language::of_tag);
    let wish = || request.header(header::ACCEPT_LANGUAGE).map(Language::accepted);
    let language = wanted.or_else(kept).or_else(wish).unwrap_or_default();
    let digits = cookies::read(request, "phm_digits").and_then(Digits::of_word).unwrap_or_default();
    let told = |cookie: &str| cookies::read(request, cookie).and_then(zones::named);
    let zone = told(CHOSEN_ZONE).or_else(|| told("phm_zone")).or_else(|| household.cloned());
    Locale::new(language, digits, zone.unwrap_or_else(TimeZone::system))
}

/// `Set-Cookie` of a small choice or mark: a word, a tag or the name of a time zone, as it is.
pub fn small_cookie(name: &str, value: &str, days: Option<u64>, https: bool) -> Option<HeaderValue> {
    let age = days.map(|days| format!("; Max-Age={}", days * 86_400)).unwrap_or_default();
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{age}{secure}")).ok()
}
