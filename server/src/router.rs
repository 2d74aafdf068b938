//! The router: which path goes where, and in which order the middleware sees a request.

use std::time::Duration;

use app::{App, routes, shell};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list_with_exclusions};
use tower::{Layer as _, ServiceBuilder};
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::{ConfigError, CsrfLayer},
    normalize_path::{NormalizePath, NormalizePathLayer},
    services::ServeDir,
    set_header::{SetResponseHeader, SetResponseHeaderLayer},
    timeout::TimeoutLayer,
};
use tower_sessions::{SessionManagerLayer, cookie::SameSite};

use crate::{
    middleware::{
        client_address, error_page, guard, host_cookies, reference, security_headers, session_cookie,
    },
    routes::{gallery, health, logout, page},
    state::AppState,
};

/// Longer than the longest call to the provider, so that its failure is told as what it is.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(25);
/// Forms here are a few fields.
const BODY_LIMIT: usize = 64 * 1024;

/// The application as a service: trailing slashes are trimmed before a route is looked for.
pub type Application = NormalizePath<Router>;

/// Why there is no router.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The public origin is not one.
    #[error(transparent)]
    Origin(#[from] ConfigError),
    /// A server function does not say what it demands.
    #[error("the server function {0} is in neither list of app::routes: say there what it demands")]
    Undeclared(String),
}

/// Builds the router over `state`. There is none while a server function does not state its rule (promise 17).
pub fn router(state: &AppState) -> Result<Application, RouterError> {
    if let Some(path) = server_functions().find(|path| !is_declared(path)) {
        return Err(RouterError::Undeclared(path.to_owned()));
    }
    let settings = state.services.client.settings();
    // A proxy may rewrite `Host`; the origin that people use is known from the redirect URI.
    let csrf = CsrfLayer::new().add_trusted_origin(&settings.public_origin)?;
    let sessions = SessionManagerLayer::new(state.services.sessions.vault().clone())
        .with_name(auth::session::cookie_name(settings.is_https()))
        .with_secure(settings.is_https())
        .with_http_only(true)
        // Not Strict: the cookie would be missing on the navigation that comes back from the provider (promise 7).
        .with_same_site(SameSite::Lax)
        .with_path("/");

    let pages = Router::new()
        .route("/logout", get(logout::get).post(logout::post))
        .leptos_routes_with_context(state, leptos_routes(), page::context(state), page::shell(state))
        .merge(gallery::routes())
        .fallback(page::fallback)
        // From here on the last is the first to see a request.
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(sessions)
        .layer(from_fn_with_state(state.clone(), session_cookie::session_cookie))
        .layer(from_fn_with_state(state.clone(), client_address::client_address))
        .layer(from_fn(host_cookies::host_cookies))
        .layer(csrf)
        .layer(DefaultBodyLimit::max(BODY_LIMIT));

    let application = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .nest_service("/pkg", package(&state.leptos))
        .merge(pages)
        .with_state(state.clone())
        .layer(
            // Here the first is the first.
            ServiceBuilder::new()
                .layer(from_fn_with_state(state.clone(), reference::reference))
                .layer(from_fn_with_state(
                    state.clone(),
                    security_headers::security_headers,
                ))
                .layer(from_fn_with_state(state.clone(), error_page::error_page))
                .layer(from_fn(error_page::no_redirect_body))
                .layer(CatchPanicLayer::custom(error_page::BareError))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    REQUEST_TIMEOUT,
                ))
                // Nothing dynamic is ever kept (promise 18); static files say otherwise themselves.
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::CACHE_CONTROL,
                    HeaderValue::from_static("no-store"),
                )),
        );
    Ok(NormalizePathLayer::trim_trailing_slash().layer(application))
}

/// The pages that Leptos renders and the server functions. `/logout` has a handler of its own that may end in a page.
pub fn leptos_routes() -> Vec<AxumRouteListing> {
    generate_route_list_with_exclusions(App, Some(vec!["/logout".to_owned()]))
}

/// The paths of all server functions that the program has.
pub fn server_functions() -> impl Iterator<Item = &'static str> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path)
}

fn is_declared(path: &str) -> bool {
    routes::is_function(path) || routes::OPEN_FUNCTIONS.contains(&path)
}

/// Script, WebAssembly and style. Their names do not change with their content, so browsers ask each time whether
/// theirs is still right (`ETag`).
fn package(options: &LeptosOptions) -> SetResponseHeader<ServeDir, HeaderValue> {
    let files = ServeDir::new(format!("{}/{}", options.site_root, options.site_pkg_dir))
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
        .layer(files)
}

/// The document around every page.
pub(crate) fn document(options: LeptosOptions) -> impl leptos::IntoView {
    shell(options)
}
