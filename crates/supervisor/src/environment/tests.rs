use super::*;

fn python_path(bootstrap: &str, user_path: Option<&str>) -> Result<OsString, String> {
    let places = Places {
        bootstrap: Path::new(bootstrap),
        socket: Path::new("/shop/.escala/run/7/agent.sock"),
        journal: Path::new("/shop/.escala/run/7/journal"),
        project_root: Path::new("/shop"),
        source: &["/shop/src".into(), "/shared".into()],
        exclude: &[],
        not_secret: &["code".into(), "key".into()],
    };
    let variables = environment(&places, user_path.map(OsStr::new)).map_err(|error| error.to_string())?;
    let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "PYTHONPATH",
            "ESCALA_SOCKET",
            "ESCALA_JOURNAL",
            "ESCALA_PROJECT_ROOT",
            "ESCALA_SOURCE",
            "ESCALA_EXCLUDE",
            "ESCALA_NOT_SECRET"
        ]
    );
    let values: Vec<_> = variables[3..].iter().map(|(_, value)| value.to_str().unwrap()).collect();
    assert_eq!(values, ["/shop", "/shop/src:/shared", "", "code,key"]);
    assert!(of_the_agent(&variables).all(|(name, _)| name.starts_with("ESCALA_")));
    Ok(variables[0].1.clone())
}

#[test]
fn the_bootstrap_stands_before_the_users_own_path() {
    assert_eq!(python_path("/agent/bootstrap", Some("/shop/lib:")).unwrap(), "/agent/bootstrap:/shop/lib:");
}

#[test]
fn no_path_and_an_empty_path_leave_the_bootstrap_alone() {
    for user_path in [None, Some("")] {
        assert_eq!(python_path("/agent/bootstrap", user_path).unwrap(), "/agent/bootstrap");
    }
}

#[test]
fn a_colon_cannot_be_said() {
    assert_eq!(
        python_path("/a:b/bootstrap", None).unwrap_err(),
        "Escala's agent lies in /a:b/bootstrap, and PYTHONPATH cannot name a directory with a colon"
    );
}
