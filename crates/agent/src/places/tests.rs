use super::*;

#[test]
fn graphql_names_become_python_names() {
    for (graphql, python) in [("publisher", "publisher"), ("homeTown", "home_town"), ("isIn2D", "is_in2_d")] {
        assert_eq!(snake_case(graphql), python);
    }
}
