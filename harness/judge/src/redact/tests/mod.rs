mod copies;
mod observations;
mod properties;

use std::path::Path;

use serde_json::json;

use super::*;
use crate::testing::pod;

fn file(text: &str) -> ManifestFile {
    ManifestFile::parse(Path::new("broken.yaml"), text.to_owned()).unwrap()
}

/// Knows what the Secret `vault` holds.
fn knowing(data: &Value) -> Redactor {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vault"},
        "stringData": data});
    Redactor::of([&file(&secret.to_string())])
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const JWT: &str =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl_-c2ln";

#[test]
fn credentials_are_known_by_their_shape() {
    let redactor = Redactor::default();
    for (text, left) in [
        (JWT, MARK),
        (&JWT[..60], MARK),
        (
            "GET / Authorization: Basic dXNlcjpodW50ZXIy",
            "GET / Authorization: Basic <redacted>",
        ),
        (
            "Authorization:[Bearer x1y2z3] Host:[web]",
            "Authorization:[Bearer <redacted>] Host:[web]",
        ),
        (
            r#"{"authorization": "Bearer s3cr3t", "status": 401}"#,
            r#"{"authorization": "Bearer <redacted>", "status": 401}"#,
        ),
        (
            "sent bearer 0123456789abcdefXYZ= to web",
            "sent bearer <redacted> to web",
        ),
        (
            "key AKIAIOSFODNN7EXAMPLE is not known",
            "key <redacted> is not known",
        ),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfi\nregion = eu",
            "aws_secret_access_key = <redacted>\nregion = eu",
        ),
        (
            "  secret_access_key: wJalrXUtnFEMI/K7MDENG+bPxRfi",
            "  secret_access_key: <redacted>",
        ),
        (
            "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\nAQAB\n-----END RSA PRIVATE KEY----- z",
            "a <redacted> z",
        ),
        ("a -----BEGIN PRIVATE KEY-----\nMIIE\nAQ", "a <redacted>"),
        (
            "    client-key-data: LS0tLS1CRUdJTg==",
            "    client-key-data: <redacted>",
        ),
        (
            "dial postgres://shop:p@ss:w0rd@db:5432/shop?sslmode=disable",
            "dial postgres://shop:<redacted>@db:5432/shop?sslmode=disable",
        ),
        (
            "kubeadm join --token abcdef.0123456789abcdef.",
            "kubeadm join --token <redacted>.",
        ),
        (
            "tokens abcdef.0123456789abcdef 012345.0123456789abcdef",
            "tokens <redacted> <redacted>",
        ),
        (
            "args: --admin-password=hunter2, --port=80",
            "args: --admin-password=<redacted>, --port=80",
        ),
        (
            r#"dsn="user=shop password='two words' host=db""#,
            r#"dsn="user=shop password='<redacted>' host=db""#,
        ),
        (
            r#"msg="login failed, token=\"x y\"" level=error"#,
            r#"msg="login failed, token=\"<redacted>\"" level=error"#,
        ),
        (
            "GET /api?access_token=abc&limit=1",
            "GET /api?access_token=<redacted>&limit=1",
        ),
    ] {
        assert_eq!(redactor.text(text), left, "{text}");
    }
}

#[test]
fn what_is_said_about_secrets_is_no_secret() {
    for text in [
        r#"MountVolume.SetUp failed for volume "password" : secret "grafana-password" not found"#,
        "couldn't find key admin-password in Secret shop/grafana",
        "failed to fetch anonymous token: 401 Unauthorized",
        "error: password authentication failed for user \"shop\"",
        "if token == nil { return }",
        "level=info token=\"\" msg=\"no token\"",
        "--enable-bootstrap-token-auth=true --token-ttl=15m",
        "http: superfluous Bearer authentication, Basic authentication",
        "docker.io/prom/prometheus@sha256:f6639335d34a77d9d9db382b92eeb7fc00934be8eae81dbc03b31cfe90411a94",
        "http://web:9090/targets?owner=someone@example.com",
        "config.kubernetes.io v1.storage.example.com server.maintenancewindow",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    ] {
        assert!(
            matches!(Redactor::default().text(text), Cow::Borrowed(_)),
            "{text}: {}",
            Redactor::default().text(text)
        );
    }
}

#[test]
fn values_of_secrets_are_known_decoded_and_as_written() {
    let redactor = Redactor::of([&file(&format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: vault}}\ndata:\n  a: {}\n  b: {}\n  c: {}\n\
         stringData:\n  d: |\n    correct horse\n",
        base64("hunter2\n"),
        base64([0xff, 0x00, 0x10, 0x83, 0x10, 0x51]),
        "not,Base64",
    ))]);
    for (text, left) in [
        ("hunter2", MARK),
        ("aHVudGVyMg==", MARK),
        ("aHVudGVyMgo=", "<redacted>o="),
        ("say xaHVudGVyMgo=", "say <redacted>o="),
        ("say aHVudGVyMg==", "say <redacted>"),
        ("/wAQgxBR", MARK),
        ("_wAQgxBR", MARK),
        ("say not,Base64!", "say <redacted>!"),
        ("the correct horse.", "the <redacted>."),
    ] {
        assert_eq!(redactor.text(text), left, "{text}");
    }
}

#[test]
fn a_secret_is_known_inside_a_longer_text_in_base64() {
    let redactor = knowing(&json!({"password": "correct-horse"}));
    for before in ["", "a", "ab", "abc"] {
        let text = base64(format!("{before}correct-horse!"));
        let redacted = redactor.text(&text);
        assert!(redacted.contains(MARK), "{text}: {redacted}");
        assert!(redacted.len() < MARK.len() + 8, "{text}: {redacted}");
    }
}

#[test]
fn bytes_that_are_no_text_are_secret_from_four_on() {
    let bytes = [0xff, 0xfe, 0xfd, 0xfc];
    for (length, is_secret) in [(3, false), (4, true)] {
        let value = base64(&bytes[..length]);
        let redactor = Redactor::of([&file(&format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: vault}}, data: {{key: {value}}}}}"
        ))]);
        assert_eq!(redactor.text(&value) == MARK, is_secret, "{value}");
    }
}

#[test]
fn a_secret_is_known_in_json_within_json_within_json() {
    let secret = "pa\"ss";
    let redactor = knowing(&json!({"password": secret}));
    let mut text = secret.to_owned();
    for _ in 0..3 {
        text = Value::from(text).to_string();
        assert_eq!(redactor.text(&text), format!("\"{MARK}\""));
        text = text[1..text.len() - 1].to_owned();
    }
}

#[test]
fn a_file_in_a_secret_is_not_secret_line_by_line() {
    let settings = "server:\n  listen: 0.0.0.0\nlimits_config_of_tenants:\nadmin_password: tr0ub4dor\n\
        {\"auths\": {\"registry\": {\"password\": \"p4ssw0rd\"}}}\n\
        MIIEowIBAAKCAQEAvRV5\n";
    let redactor = knowing(&json!({"loki.yaml": settings}));
    for (text, left) in [
        ("line 2: listen: 0.0.0.0", "line 2: listen: 0.0.0.0"),
        (
            "unknown limits_config_of_tenants:",
            "unknown limits_config_of_tenants:",
        ),
        ("tr0ub4dor and p4ssw0rd", "<redacted> and <redacted>"),
        ("MIIEowIBAAKCAQEAvRV5", MARK),
        (settings, "<redacted>\n"),
    ] {
        assert_eq!(redactor.text(text), left, "{text}");
    }
}

#[test]
fn variables_with_the_name_of_a_secret_hold_one() {
    let redactor = Redactor::of([&file(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n      \
         env:\n        - {name: DB_PASSWORD, value: s3same}\n        - {name: apiKey, value: k3y1}\n        \
         - {name: PASSWORD_FILE, value: /run/pw}\n        - {name: TOKEN_TTL, value: 15min}\n",
    )]);
    assert_eq!(
        redactor.text("s3same k3y1 /run/pw 15min"),
        "<redacted> <redacted> /run/pw 15min"
    );
}

#[test]
fn trivial_values_and_public_names_stay() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "grafana-admin"},
        "stringData": {"a": "abc", "b": "5432", "c": "True", "d": "grafana", "e": "redact", "f": "",
            "g": "shop", "h": "01234567"}});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "grafana"}}});
    let files = [&secret, &deployment].map(|object| file(&object.to_string()));
    let redactor = Redactor::of(&files);
    let text = "abc 5432 True grafana redact shop";
    assert_eq!(redactor.text(text), text);
    assert_eq!(redactor.text("01234567"), MARK);
}

#[test]
fn a_secret_that_was_cut_off_is_redacted_too() {
    let redactor = knowing(&json!({"password": "correct-horse"}));
    assert_eq!(
        redactor.text("status 500: using correct-h…"),
        "status 500: using <redacted>…"
    );
    assert_eq!(redactor.text("using cor…"), "using cor…");
    assert_eq!(redactor.text("using correct-h"), "using correct-h");
}

#[test]
fn secrets_that_overlap_go_as_one() {
    let redactor = knowing(&json!({"a": "abcdef", "b": "defghi"}));
    assert_eq!(redactor.text("xabcdefghiz"), "x<redacted>z");
    assert_eq!(redactor.text("abcdefabcdef"), MARK);
}

#[test]
fn of_a_secret_nothing_is_left_but_its_keys() {
    let applied = json!({"kind": "Secret", "data": {"pin": "MTIz"}, "type": "Opaque"});
    let mut secret = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "vault", "annotations": {LAST_APPLIED: applied.to_string()}},
        "type": "Opaque", "data": {"pin": "MTIz", "none": "", "nothing": null},
        "stringData": {"port": 80, "on": true, "odd": ["x", {"y": "z"}]}});
    Redactor::default().object(&mut secret);
    let applied = json!({"kind": "Secret", "data": {"pin": MARK}, "type": "Opaque"});
    assert_eq!(
        secret,
        json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "vault", "annotations": {LAST_APPLIED: applied.to_string()}},
            "type": "Opaque", "data": {"pin": MARK, "none": "", "nothing": null},
            "stringData": {"port": MARK, "on": MARK, "odd": [MARK, {"y": MARK}]}})
    );
}

#[test]
fn by_what_objects_are_found_and_ordered_nothing_is_taken_away() {
    let redactor =
        knowing(&json!({"a": "uid of web", "b": "2026-11-20", "c": "web-1-a", "d": "7-web"}));
    let mut object = pod(1);
    object["metadata"]["resourceVersion"] = "7-web".into();
    object["metadata"]["creationTimestamp"] = "2026-11-20T17:42:44Z".into();
    let before = object.clone();
    redactor.object(&mut object);
    assert_eq!(object, before);
    object["status"]["message"] = "since 2026-11-20 web-1-a".into();
    redactor.object(&mut object);
    assert_eq!(object["status"]["message"], "since <redacted> <redacted>");
}

#[test]
fn kinds_and_names_of_objects_stay_and_other_names_may_be_secret() {
    let redactor = knowing(&json!({"password": "hunter2"}));
    let mut kind = json!({"apiVersion": "hunter2", "kind": "hunter2"});
    redactor.object(&mut kind);
    assert_eq!(kind, json!({"apiVersion": "hunter2", "kind": "hunter2"}));
    let mut pod = json!({"kind": "Pod", "metadata": {"name": "hunter2", "uid": "1"},
        "spec": {"containers": [{"name": "hunter2"}]}});
    redactor.object(&mut pod);
    assert_eq!(
        pod,
        json!({"kind": "Pod", "metadata": {"name": "hunter2", "uid": "1"},
            "spec": {"containers": [{"name": MARK}]}})
    );
}

#[test]
fn a_redactor_does_not_tell_what_it_knows() {
    let redactor = knowing(&json!({"password": "hunter2"}));
    assert_eq!(format!("{redactor:?}"), "Redactor { .. }");
}

#[test]
fn a_variable_of_a_live_object_goes_by_its_name() {
    let mut pod = json!({"kind": "Pod", "spec": {"containers": [{"env": [
        {"name": "PIN_TOKEN", "value": "123"}, {"name": "PORT", "value": "123"},
        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "vault", "key": "password"}}}]}]}});
    let before = pod.clone();
    Redactor::default().object(&mut pod);
    assert_eq!(pod["spec"]["containers"][0]["env"][0]["value"], MARK);
    pod["spec"]["containers"][0]["env"][0]["value"] = "123".into();
    assert_eq!(pod, before);
}
