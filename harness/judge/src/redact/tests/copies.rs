use super::*;

const VAULT: &str = "# the vault, with hunter2 inside\napiVersion: v1\nkind: Secret\n\
    metadata: {name: vault}\nstringData:\n  password: hunter2\n  same: hunter2\n  list: |\n    \
    a\n    hunter3\n    a\n";
const WEB: &str = "# the web\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";

fn copy(redactor: &Redactor, files: &[ManifestFile]) -> Vec<ManifestFile> {
    let copies = redactor.manifests(files);
    assert_eq!(copies.len(), files.len());
    copies.into_iter().map(|(_, text)| file(&text)).collect()
}

#[test]
fn a_document_without_secrets_stays_as_it_was_written() {
    let files = [file(&format!("{VAULT}---\n{WEB}")), file(WEB)];
    let copies = copy(&Redactor::of(&files), &files);
    assert_eq!(copies[0].objects[1].text, WEB);
    assert_eq!(copies[1].text, WEB);
    assert!(!copies[0].text.contains("hunter"), "{}", copies[0].text);
    assert_eq!(
        copies[0].objects[0].value["stringData"],
        json!({"list": "<redacted 1>\n<redacted 2>\n<redacted 1>\n",
            "password": "<redacted 3>", "same": "<redacted 3>"})
    );
}

#[test]
fn a_document_with_a_secret_in_a_comment_is_written_anew() {
    for comment in ["# log in with hunter2\n", "# log in with hunter2\n---\n"] {
        let files = [file(VAULT), file(&format!("{comment}{WEB}"))];
        let copies = copy(&Redactor::of(&files), &files);
        assert!(!copies[1].text.contains("hunter2"), "{}", copies[1].text);
        assert_eq!(copies[1].objects[0].value, files[1].objects[0].value);
    }
}

#[test]
fn a_change_of_a_secret_is_still_a_change() {
    let remedied = VAULT.replace("password: hunter2", "password: hunter4");
    let files = [file(VAULT), file(&remedied)];
    let copies = copy(&Redactor::of(&files), &files);
    let [before, after] = [0, 1].map(|index| &copies[index].objects[0].value["stringData"]);
    assert_ne!(before["password"], after["password"]);
    assert_eq!(before["same"], after["same"]);
    assert_eq!(before["list"], after["list"]);
}

#[test]
fn a_credential_outside_a_secret_goes_with_its_document() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, \
        env: [{name: DB_PASSWORD, value: abc}], args: ['--url=http://me:you2@db']}]}\n";
    let files = [file(pod)];
    let copies = copy(&Redactor::of(&files), &files);
    let container = &copies[0].objects[0].value["spec"]["containers"][0];
    assert_eq!(container["args"][0], "--url=http://me:<redacted 1>@db");
    assert_eq!(container["env"][0]["value"], "<redacted 2>");
}

#[test]
fn a_scenario_is_written_anew_only_where_it_holds_a_secret() {
    let redactor = Redactor::of(&[file(VAULT)]);
    let plain = "# a claim\nsteps:\n  - apply: broken.yaml\n";
    assert_eq!(redactor.scenario(plain), plain);
    let check = "# hunter2\nchecks:\n  - exec: {command: [login, hunter2], within: 5s}\n";
    let copy = redactor.scenario(check);
    assert!(!copy.contains("hunter2"), "{copy}");
    let value: Value = serde_saphyr::from_str(&copy).unwrap();
    assert_eq!(
        value,
        json!({"checks": [{"exec": {"command": ["login", MARK], "within": "5s"}}]})
    );
}
