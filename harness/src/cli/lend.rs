//! `relapse run --context`: which cluster is lent, and whether its user means it.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use clap::Args;

use super::Failure;
use crate::cluster::external::KubeContext;
use relapse_judge::exit_code::ExitCode;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::text::plain;

#[derive(Debug, Args)]
pub(super) struct Lending {
    /// Run on the cluster of this context of your kubeconfig, one scenario after the other
    #[arg(long, value_name = "NAME", conflicts_with_all = ["jobs", "keep", "kubernetes", "thorough"])]
    context: Option<String>,
    /// Confirm the context, where no terminal can ask for it
    #[arg(long, value_name = "NAME", requires = "context")]
    confirm: Option<String>,
}

impl Lending {
    /// The cluster that the user offers and means, if one is; nothing was asked of it yet.
    pub(super) fn offer(
        &self,
        scenarios: &[Arc<LoadedScenario>],
    ) -> Result<Option<KubeContext>, Failure> {
        let Some(context) = &self.context else {
            return Ok(None);
        };
        let offer =
            KubeContext::of(context).map_err(|error| Failure::new(ExitCode::Usage, error))?;
        self.confirm(&offer, scenarios)
            .map_err(|words| Failure::new(ExitCode::Usage, words))?;
        Ok(Some(offer))
    }

    fn confirm(
        &self,
        offer: &KubeContext,
        scenarios: &[Arc<LoadedScenario>],
    ) -> Result<(), String> {
        let context = offer.context();
        let plan = plan(offer, scenarios);
        match &self.confirm {
            Some(name) if name == context => Ok(()),
            Some(name) => Err(format!(
                "--context is `{context}` and --confirm is `{name}`; {plan}; next: --confirm {context}"
            )),
            None if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => ask(
                context,
                &plan,
                &mut std::io::stdin().lock(),
                &mut std::io::stderr(),
            ),
            None => Err(format!(
                "the context `{context}` is not confirmed; {plan}; next: --confirm {context}"
            )),
        }
    }
}

fn plan(offer: &KubeContext, scenarios: &[Arc<LoadedScenario>]) -> String {
    let ids: Vec<&str> = scenarios.iter().map(|one| one.id.as_str()).collect();
    format!(
        "relapse would run {} on the cluster at {}, and delete what it applied",
        ids.join(", "),
        offer.server()
    )
}

fn ask(
    context: &str,
    plan: &str,
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> Result<(), String> {
    let asked = write!(
        screen,
        "{}.\nType the context's name to lend it: ",
        plain(plan)
    );
    let mut answer = String::new();
    let heard = asked
        .and_then(|()| screen.flush())
        .and_then(|()| answers.read_line(&mut answer));
    match heard {
        Ok(_) if answer.trim() == context => Ok(()),
        Ok(_) => Err(format!("that is not `{context}`; nothing was done")),
        Err(error) => Err(format!("cannot ask: {error}; next: --confirm {context}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(answer: &str) -> (Result<(), String>, String) {
        let mut screen = Vec::new();
        let heard = ask("prod", "the plan", &mut answer.as_bytes(), &mut screen);
        (heard, String::from_utf8(screen).unwrap())
    }

    #[test]
    fn only_the_contexts_name_lends_it() {
        let (heard, screen) = answered("prod\n");
        assert_eq!(heard, Ok(()));
        assert_eq!(screen, "the plan.\nType the context's name to lend it: ");
        for answer in ["", "\n", "y\n", "yes\n", "pro\n", "prod2\n", "PROD\n"] {
            let (heard, _) = answered(answer);
            assert_eq!(
                heard,
                Err("that is not `prod`; nothing was done".to_owned()),
                "{answer:?}"
            );
        }
    }
}
