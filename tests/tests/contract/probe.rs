//! Questions to a Service through the API server's proxy.

use relapse::probe::ask;
use relapse_judge::scenario::HttpCheck;

use crate::script::{Answer, Part, Script};

const ASK: &str = "GET /api/v1/namespaces/default/services/http:web:8080/proxy/ready?verbose=1";

fn check() -> HttpCheck {
    serde_saphyr::from_str(
        "{name: web is ready, service: web, port: 8080, path: '/ready?verbose=1', contains: ok, within: 5s}",
    )
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_service_answers() {
    let (client, server) = Script::default().on(ASK, Answer::text(200, "ok")).play();
    let answer = ask(&client, &check()).await;
    assert!(answer.fits, "{}", answer.seen);
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_an_answer_that_does_not_fit() {
    let (client, _server) = Script::default().on(ASK, Answer::refused()).play();
    let answer = ask(&client, &check()).await;
    assert!(!answer.fits);
    assert!(
        answer.seen.contains("Connection refused"),
        "{}",
        answer.seen
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_in_the_middle_does_not_fit() {
    let cut = Answer::stream([Part::Line("ok".to_owned()), Part::Cut]);
    let (client, _server) = Script::default().on(ASK, cut).play();
    let answer = ask(&client, &check()).await;
    assert!(!answer.fits);
    assert!(answer.seen.contains("connection reset"), "{}", answer.seen);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_end_does_not_fit() {
    let endless = Answer::stream([Part::Line("ok".to_owned()), Part::Open]);
    let (client, _server) = Script::default().on(ASK, endless).play();
    let answer = ask(&client, &check()).await;
    assert!(!answer.fits);
    assert_eq!(answer.seen, "no whole answer within 10 s");
}
