use clap::CommandFactory;

use super::*;

fn refused(words: &[&str]) -> (String, String) {
    one_line(&Cli::try_parse_from(words).unwrap_err().render().to_string())
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn a_mistake_is_one_line_and_one_hint() {
    assert_eq!(
        refused(&["escala", "reprot"]),
        ("unrecognized subcommand 'reprot'".into(), "a similar subcommand exists: 'report'".into())
    );
    assert_eq!(
        refused(&["escala", "report", "--format", "yaml"]),
        (
            "invalid value 'yaml' for '--format <FORMAT>' [possible values: text, json, markdown, sarif]"
                .into(),
            "see `escala --help`".into()
        )
    );
}

#[test]
fn the_options_of_the_command_are_its_own() {
    let cli = Cli::try_parse_from(["escala", "run", "--store", "a", "--", "serve", "--store", "b"]).unwrap();
    let Command::Run(args) = cli.command else { panic!("not a run") };
    assert_eq!(args.store.dir.to_str(), Some("a"));
    assert_eq!(args.command, ["serve", "--store", "b"]);
    let cli = Cli::try_parse_from(["escala", "run", "python", "-I", "--store", "b"]).unwrap();
    let Command::Run(args) = cli.command else { panic!("not a run") };
    assert_eq!(args.command, ["python", "-I", "--store", "b"]);
}
