//! An explanation says of every command what the verdict says, and names the rule that decided.

use crate::machine::{host, judge, open_policy};
use vetty_policy::{Policy, Profile, Request, Rule};

fn lines() -> Vec<String> {
    let everyday = include_str!("../../../../tests/corpus/everyday-commands.txt");
    let everyday = everyday.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let harmful = [
        "git push",
        "git -c core.pager=x log",
        "rm -fr /",
        "env rm x",
        "timeout 5 env git push",
        "cat /etc/passwd",
        "find . -exec rm {} ;",
        "sh -c id",
        "echo a; b",
        "nonsense",
        "xargs -a /secrets/secret echo",
        "python3 -c x",
    ];
    everyday.chain(harmful).map(str::to_owned).collect()
}

fn agrees(policy: &Policy) {
    let host = host();
    for line in lines() {
        let request = Request::new(line.as_str());
        let explanation = policy.explain(&request, &host);
        let verdict = match judge(policy, &host, &request) {
            Ok(permit) => permit.into_parts().verdict,
            Err(denial) => denial.into_verdict(),
        };
        assert_eq!(explanation.verdict, verdict, "{line}");
        let deciding: Vec<_> = explanation.rules.iter().filter(|rule| rule.decides).collect();
        match &verdict.rule {
            Some(rule) => {
                assert_eq!(deciding.len(), 1, "{line}: {verdict:?}");
                assert_eq!((&deciding[0].key, &deciding[0].text), (&rule.key, &rule.text), "{line}");
            }
            None => {
                assert!(deciding.iter().all(|rule| rule.key == "commands.default"), "{line}: {deciding:?}")
            }
        }
        assert!(deciding.iter().all(|rule| rule.matches && !rule.why.is_empty()), "{line}: {deciding:?}");
        assert!(explanation.rules.iter().all(|rule| !rule.argv.is_empty()), "{line}");
    }
}

#[test]
fn an_explanation_agrees_with_the_verdict() {
    agrees(
        &open_policy().deny("git push *").deny(Rule::new("rm").deny_flags(["-r"])).build_on(&host()).unwrap(),
    );
    let narrow = Policy::builder().workspace("/home/agent/project").profile(Profile::Agent);
    let narrow = narrow.allow("git *").allow("env *").allow("timeout *").allow("cat *").allow("sh");
    agrees(&narrow.deny("git push").build_on(&host()).unwrap());
    agrees(
        &Policy::builder()
            .workspace("/home/agent/project")
            .allow("git *")
            .deny("rm")
            .build_on(&host())
            .unwrap(),
    );
}
