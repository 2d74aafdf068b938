//! It goes away and comes back.

use misbehaving_provider::{Endpoint, MisbehavingProvider};

use crate::application::{Application, text};

#[tokio::test]
async fn it_comes_up_later_at_the_address_it_was_known_by() {
    let provider = MisbehavingProvider::builder().down().start().await;
    let application = Application::of(&provider);
    assert!(
        application
            .get(Endpoint::Discovery)
            .await
            .unwrap_err()
            .is_connect()
    );
    provider.come_up();
    assert_eq!(application.get(Endpoint::Discovery).await.unwrap().status(), 200);
}

#[tokio::test]
async fn sessions_and_keys_survive_an_outage() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let tokens = application.sign_in().await;
    provider.go_down().await;
    assert!(application.get(Endpoint::Keys).await.unwrap_err().is_connect());
    provider.come_up();
    assert!(application.verify(text(&tokens, "id_token")).await.is_some());
    assert_eq!(
        application.refresh(text(&tokens, "refresh_token")).await.status,
        200
    );
}

#[tokio::test]
async fn its_port_is_free_after_shutdown() {
    let provider = MisbehavingProvider::start().await;
    let address = provider.address();
    Application::of(&provider).sign_in().await;
    provider.shutdown().await;
    let next = MisbehavingProvider::builder().listen(address).start().await;
    assert_eq!(next.issuer(), format!("http://{address}"));
    Application::of(&next).sign_in().await;
}
