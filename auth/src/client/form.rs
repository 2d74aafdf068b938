//! A form posted to the provider with this application's credentials (RFC 6749 §2.3.1), where openidconnect has no
//! request of that kind.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use url::{Url, form_urlencoded};

use super::Client;
use crate::discovery::{ClientAuthentication, Provider};

impl Client {
    /// `parameters` and who sends them; `client_id` must be among them.
    pub(super) fn authenticated_form(
        &self,
        provider: &Provider,
        endpoint: &Url,
        parameters: &[(impl AsRef<str>, impl AsRef<str>)],
    ) -> Result<Request<Vec<u8>>, http::Error> {
        let secret = self.settings.client_secret.expose();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters);
        let mut request = Request::post(endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match provider.client_authentication {
            ClientAuthentication::Post => {
                form.append_pair("client_secret", secret);
            }
            ClientAuthentication::Basic => {
                request = request.header(AUTHORIZATION, basic(&self.settings.client_id, secret));
            }
        }
        request.body(form.finish().into_bytes())
    }
}

/// RFC 6749 §2.3.1: both are form-encoded first.
fn basic(client_id: &str, secret: &str) -> HeaderValue {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {credentials}"))
        .unwrap_or_else(|_| HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}
