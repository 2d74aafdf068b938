//! A browser at the hosted pages: it keeps cookies, and follows redirects as long as they stay at the emulator.

use reqwest::{Response, StatusCode, header, redirect};

/// One browser with its cookies.
pub(crate) struct Browser {
    client: reqwest::Client,
    issuer: String,
}

/// Where the browser ended up.
pub(crate) struct Place {
    pub(crate) status: StatusCode,
    pub(crate) address: String,
    pub(crate) html: String,
    pub(crate) policy: String,
}

/// A client that shows every redirect.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own client; there is no `auth` here to ask for one"
)]
pub(crate) fn http(cookies: bool) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .cookie_store(cookies)
        .build()
        .unwrap()
}

impl Browser {
    pub(crate) fn new(issuer: &str) -> Self {
        Self {
            client: http(true),
            issuer: issuer.to_owned(),
        }
    }

    pub(crate) async fn open(&self, address: &str) -> Place {
        let response = self.client.get(address).send().await.unwrap();
        self.arrive(address.to_owned(), response).await
    }

    /// Sends the form of a step on the page.
    pub(crate) async fn submit(&self, page: &Place, step: &str, form: &[(&str, &str)]) -> Place {
        let address = format!("{}/{step}", page.address);
        let response = self.client.post(&address).form(form).send().await.unwrap();
        self.arrive(page.address.clone(), response).await
    }

    async fn arrive(&self, mut address: String, mut response: Response) -> Place {
        while let Some(location) = response.headers().get(header::LOCATION) {
            let location = location.to_str().unwrap();
            address = if location.starts_with('/') {
                format!("{}{location}", self.issuer)
            } else {
                location.to_owned()
            };
            if !address.starts_with(&self.issuer) {
                let status = response.status();
                return Place {
                    status,
                    address,
                    html: String::new(),
                    policy: String::new(),
                };
            }
            response = self.client.get(&address).send().await.unwrap();
        }
        Place {
            status: response.status(),
            address,
            policy: response
                .headers()
                .get(header::CONTENT_SECURITY_POLICY)
                .map(|policy| policy.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            html: response.text().await.unwrap(),
        }
    }
}

impl Place {
    /// Whether the page has this text.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.html.contains(text)
    }
}
