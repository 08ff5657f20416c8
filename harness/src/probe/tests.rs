use std::cell::Cell;

use super::*;

fn check(text: &str) -> HttpCheck {
    let base = "name: a query answers\nservice: prometheus\nport: 9090\nwithin: 5s\n";
    serde_saphyr::from_str(&format!("{base}{text}")).unwrap()
}

#[test]
fn the_question_goes_through_the_servers_proxy_with_its_query_as_written() {
    let check = check("path: /api/v1/query?query=up%7Bjob%3D%22x%22%7D\nnamespace: monitoring\n");
    assert_eq!(
        proxied(&check),
        "/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/api/v1/query?query=up%7Bjob%3D%22x%22%7D"
    );
}

#[test]
fn an_answer_with_the_status_and_the_text_fits() {
    let check = check("path: /-/ready\ncontains: is Ready\n");
    let answer = judge(&check, 200, "Prometheus Server is Ready.\n");
    assert!(answer.fits);
    assert_eq!(answer.seen, "status 200: Prometheus Server is Ready.");
}

#[test]
fn an_answer_that_does_not_fit_says_in_what() {
    let check = check("path: /-/ready\ncontains: is Ready\n");
    let answer = judge(&check, 503, "starting");
    assert!(!answer.fits);
    assert_eq!(
        answer.seen,
        "status is not 200; body does not contain \"is Ready\"; status 503: starting"
    );
}

#[test]
fn the_fields_of_a_json_body_are_tested() {
    let check = check("path: /q\nfields: [{path: '.data.result[0].value[1]', is: '1'}]\n");
    assert!(judge(&check, 200, r#"{"data":{"result":[{"value":[1, "1"]}]}}"#).fits);
    let empty = judge(&check, 200, r#"{"data":{"result":[]}}"#);
    assert!(!empty.fits);
    assert!(
        empty.seen.contains(".data.result[0].value[1] is absent"),
        "{}",
        empty.seen
    );
    let refused = judge(&check, 422, r#"{"error":"bad query"}"#);
    assert!(
        refused
            .seen
            .ends_with(r#"status 422: {"error":"bad query"}"#),
        "{}",
        refused.seen
    );
    let html = judge(&check, 200, "<html>");
    assert!(html.seen.starts_with("body is not JSON"), "{}", html.seen);
}

#[test]
fn a_503_of_the_proxy_is_no_503_of_the_service() {
    let check = check("path: /\nstatus: 503\n");
    let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
        "message":"no endpoints available for service \"prometheus\"","code":503}"#;
    let answer = judge(&check, 503, body);
    assert!(!answer.fits);
    assert_eq!(
        answer.seen,
        "the API server could not ask Service prometheus: no endpoints available for service \"prometheus\""
    );
    assert!(judge(&check, 503, "down for a while").fits);
}

#[test]
fn a_long_answer_is_shortened_between_characters() {
    let shown = shortened(&"ä".repeat(400));
    assert_eq!(shown.chars().count(), SHOWN_CHARACTERS + 1);
    assert!(shown.ends_with('…'));
}

#[tokio::test(start_paused = true)]
async fn it_asks_each_second_until_answers_fit_in_a_row() {
    let begun = Instant::now();
    let asked = Cell::new(0);
    let outcome = until_it_fits("ready", scenario::Duration::from_millis(10_000), || {
        asked.set(asked.get() + 1);
        let fits = asked.get() >= 4;
        async move {
            Answer {
                fits,
                answered: true,
                seen: format!("answer {fits}"),
            }
        }
    })
    .await;
    assert!(outcome.passed);
    assert_eq!(
        (outcome.name.as_str(), outcome.seen.as_str()),
        ("ready", "answer true")
    );
    assert_eq!(begun.elapsed(), Duration::from_secs(4));
    assert_eq!(asked.get(), 8);
}

#[tokio::test(start_paused = true)]
async fn one_answer_of_many_that_fits_is_not_enough() {
    let asked = Cell::new(0);
    let outcome = until_it_fits("ready", scenario::Duration::from_millis(600_000), || {
        asked.set(asked.get() + 1);
        let fits = asked.get() % 8 == 1;
        async move {
            Answer {
                fits,
                answered: true,
                seen: format!("answer {fits}"),
            }
        }
    })
    .await;
    assert!(!outcome.passed);
    assert_eq!(
        outcome.seen,
        "it fitted now and then, and then not: answer false"
    );
}

#[tokio::test(start_paused = true)]
async fn at_its_deadline_it_tells_the_last_answer() {
    let begun = Instant::now();
    let outcome = until_it_fits("ready", scenario::Duration::from_millis(2_500), || async {
        Answer::none("status 503")
    })
    .await;
    assert!(!outcome.passed);
    assert_eq!(outcome.seen, "status 503");
    assert_eq!(begun.elapsed(), Duration::from_millis(2_500));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_never_answered_ends_at_the_deadline() {
    let outcome = until_it_fits("ready", scenario::Duration::from_millis(2_000), || {
        std::future::pending::<Answer>()
    })
    .await;
    assert!(!outcome.passed);
    assert_eq!(outcome.seen, "no answer within 2s");
}

/// What is told of answers that come at the seconds 0, 1, 2 and so on.
async fn told(answers: Vec<Answer>) -> Vec<(u64, bool, String)> {
    let (sink, mut told) = mpsc::unbounded_channel();
    let length = Duration::from_millis(answers.len() as u64 * 1_000 - 500);
    let mut answers = answers.into_iter();
    let listened = timeout(
        length,
        tell("the target is up", Instant::now(), sink, || {
            let answer = answers.next().unwrap();
            async { answer }
        }),
    );
    assert!(listened.await.is_err());
    let mut all = Vec::new();
    while let Ok(Observation::Answer(answer)) = told.try_recv() {
        assert_eq!(answer.name, "the target is up");
        all.push((answer.asked / 1_000, answer.fits, answer.seen));
    }
    all
}

fn answer(fits: bool, seen: &str) -> Answer {
    Answer {
        fits,
        answered: true,
        seen: seen.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_tells_each_answer_also_where_it_stays() {
    let up = || answer(true, "up");
    let down = answer(false, "down");
    let answers = vec![up(), up(), down, up()];
    let expected = [(0, true), (1, true), (2, false), (3, true)];
    let told = told(answers).await;
    let told: Vec<(u64, bool)> = told.iter().map(|(at, fits, _)| (*at, *fits)).collect();
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn a_follower_takes_one_lost_answer_for_nothing_and_three_for_silence() {
    let up = || answer(true, "up");
    let lost = || Answer::none("timed out");
    let told = told(vec![up(), lost(), lost(), up(), lost(), lost(), lost()]).await;
    let expected = [(0, true, "up"), (3, true, "up"), (6, false, "timed out")];
    assert_eq!(
        told,
        expected.map(|(at, fits, seen)| (at, fits, seen.to_owned()))
    );
}
