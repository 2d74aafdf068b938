//! `/problems`: every problem page can be looked at in development, and each is what its row of the table says.

use app::problem::ProblemKind;

use crate::test_app::TestApp;

#[tokio::test]
async fn the_gallery_shows_every_problem_with_its_status_and_words() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let gallery = browser.get("/problems").await;
    assert_eq!(gallery.status, 200);
    for kind in ProblemKind::ALL {
        let row = kind.row();
        let address = format!("/problems/{}", row.label);
        assert!(
            gallery.body.contains(&format!(r#"href="{address}""#)),
            "{address}"
        );
        let page = browser.get(&address).await;
        page.assert_problem(row.status, row.title);
        assert!(page.body.contains(row.way_out.label), "{address}");
        let retry_after = row
            .retry_after
            .map_or_else(String::new, |seconds| seconds.to_string());
        assert_eq!(page.header("retry-after"), retry_after, "{address}");
    }
    let unknown = browser.get("/problems/made-up").await;
    unknown.assert_problem(404, "There is no page here");
}
