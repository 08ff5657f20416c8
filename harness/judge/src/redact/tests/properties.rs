use proptest::prelude::*;

use super::*;

/// A secret that is none of those that stay.
fn secret() -> impl Strategy<Value = String> {
    let any = prop_oneof![
        "[!-~]{4,24}",
        "\\PC{4,12}",
        "[a-z]{4}",
        "[A-Za-z0-9+/=]{16,40}"
    ];
    any.prop_map(|text| text.trim().replace(['<', '>', '…'], "#"))
        .prop_filter("not trivial", |text| {
            knowing(&json!({"a": text})).text(text) == MARK
        })
}

/// Text of all that secrets may stand beside or be made of.
fn surroundings() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(JWT.to_owned()),
        prop::sample::select(vec![
            "Bearer ",
            "Authorization: Basic ",
            "://me:",
            "@",
            "/",
            "password=",
            "token",
            "=",
            "\"",
            "abcdef.0123456789abcdef",
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "client-key-data: ",
            MARK,
            "<redacted 7>",
            "<",
            "redacted",
            ">",
            " ",
            "\n",
            "\\",
            "…",
            "é",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJ",
            ".",
            "hunter2",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9]{1,6}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// How a secret may be written into a text.
fn written(secret: &str, how: usize, before: &str, after: &str) -> String {
    match how {
        0 => secret.to_owned(),
        1 => base64(secret),
        2 => base64(secret)
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_"),
        3 => Value::from(secret).to_string(),
        // Of a short one too few digits are its own.
        4 if secret.len() >= 7 => base64(format!("{before}{secret}{after}")),
        _ => base64(format!("{secret}{after}")),
    }
}

fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn tells(text: &str, secret: &str) -> bool {
    let once = escaped(secret);
    let encoded = base64(secret);
    let forms = [
        secret,
        &once,
        &escaped(&once),
        encoded.trim_end_matches('='),
    ];
    forms.iter().any(|form| text.contains(form))
}

/// Every text in an object.
fn texts(object: &Value) -> Vec<&str> {
    match object {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn no_secret_comes_out_of_a_text(
        secret in secret(),
        how in 0..6_usize,
        before in surroundings(),
        after in surroundings(),
    ) {
        let redactor = knowing(&json!({"a": secret}));
        let inner = written(&secret, how, &before, &after);
        prop_assume!(!tells(&before, &secret) && !tells(&after, &secret));
        let text = format!("{before}{inner}{after}");
        let redacted = redactor.text(&text);
        prop_assert!(!tells(&redacted, &secret), "{redacted}");
        prop_assert!(!redacted.contains(&inner), "{redacted}");
    }

    #[test]
    fn no_secret_comes_out_of_an_object(
        secrets in prop::collection::vec(secret(), 1..4),
        around in prop::collection::vec(0..4_usize, 0..5),
        is_in_a_text: bool,
        before in "[a-z ]{0,5}",
    ) {
        prop_assume!(secrets.iter().all(|secret| !tells(&before, secret)));
        let keys = (0..).map(|index| format!("k{index}"));
        let data: Map<_, _> = keys.zip(secrets.iter().map(|secret| secret.as_str().into())).collect();
        let redactor = knowing(&Value::Object(data));
        let mut object = json!(format!("{before}{}", secrets.concat()));
        for place in around {
            object = match place {
                0 => json!([1, object, null]),
                1 => json!({"status": {"message": object}}),
                2 => json!({"metadata": {"uid": "u", "labels": {"a": object}}}),
                _ => json!({"env": [{"name": "ADDRESS", "value": object}]}),
            };
        }
        if is_in_a_text {
            let last = json!({"annotations": {LAST_APPLIED: object.to_string()}});
            object = json!({"metadata": last, "data": {"a": last.to_string()}});
        }
        redactor.object(&mut object);
        for text in texts(&object) {
            prop_assert!(!secrets.iter().any(|secret| tells(text, secret)), "{text}");
        }
    }

    #[test]
    fn what_is_redacted_once_stays_as_it_is(secret in secret(), text in surroundings()) {
        let redactor = knowing(&json!({"a": secret, "b": "hunter2", "c": "hunter2x"}));
        let once = redactor.text(&text).into_owned();
        prop_assert!(matches!(redactor.text(&once), Cow::Borrowed(_)), "{once}");
        let mut object = json!({"kind": "Secret", "data": {"a": text}, "b": [text],
            "env": [{"name": "TOKEN", "value": text}]});
        redactor.object(&mut object);
        let once = object.clone();
        redactor.object(&mut object);
        prop_assert_eq!(object, once);
    }

    #[test]
    fn a_text_without_secrets_is_as_it_was(
        words in prop::collection::vec("[a-z]{1,12}[.,:;/]?", 0..20),
        secret in "[A-Z]{4,12}",
    ) {
        let text = words.join(" ");
        let redactor = knowing(&json!({"a": secret}));
        prop_assert!(matches!(redactor.text(&text), Cow::Borrowed(_)), "{text}");
    }
}
