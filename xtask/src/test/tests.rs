use super::*;

#[test]
fn a_django_that_cannot_be_had_is_told_to_the_tests_as_an_empty_value() {
    let pythons = Pythons { django_5_2: "five".into(), django_6_1: None };
    let environment = pythons.environment();
    assert_eq!(environment[0], ("ESCALA_TEST_PYTHON_52".into(), "five".into()));
    assert_eq!(environment[1], ("ESCALA_TEST_PYTHON_61".into(), PathBuf::new()));
    assert_eq!(pythons.each().count(), 1);
}

#[test]
fn a_site_is_told_by_its_directory_name() {
    assert_eq!(site_variable("django-oscar"), "ESCALA_TEST_PYTHON_DJANGO_OSCAR");
}
