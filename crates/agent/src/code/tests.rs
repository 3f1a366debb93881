use super::*;

fn roots() -> ProjectRoots {
    ProjectRoots { roots: vec!["/srv/shop".into()], excluded: vec!["/srv/shop/venv".into()] }
}

#[test]
fn user_code_is_below_the_root_and_in_no_environment() {
    assert_eq!(roots().relative("/srv/shop/shop/views.py"), Some("shop/views.py"));
    assert_eq!(roots().relative("/srv/shopping/views.py"), None);
    assert_eq!(roots().relative("/srv/shop/venv/lib/python3.12/site-packages/x.py"), None);
    assert_eq!(roots().relative("/srv/shop/venv/bin/tool.py"), None);
    assert_eq!(roots().relative("/srv/shop/env/lib/python3.12/site-packages/x.py"), None);
    assert_eq!(roots().relative("<string>"), None);
}

#[test]
fn framework_code_is_told_apart_by_file_and_name() {
    let site = "/usr/lib/python3/site-packages";
    for (file, name, kind) in [
        ("/srv/shop/shop/views.py", "_get_response", CodeKind::User),
        ("/srv/shop/shop/urls.py", "<module>", CodeKind::UserModule),
        (&format!("{site}/django/db/models/query.py"), "_fetch_all", CodeKind::Machinery),
        (&format!("{site}/django/template/base.py"), "render_annotated", CodeKind::TemplateNode),
        (&format!("{site}/django/template/base.py"), "render", CodeKind::Method),
        (&format!("{site}/django/core/handlers/base.py"), "_get_response_async", CodeKind::Boundary),
        (&format!("{site}/rest_framework/fields.py"), "get_attribute", CodeKind::SerializerField),
        (&format!("{site}/graphql/execution/execute.py"), "execute_field", CodeKind::GraphqlField),
        (
            &format!("{site}/django/contrib/admin/templatetags/admin_list.py"),
            "items_for_result",
            CodeKind::AdminRow,
        ),
        (&format!("{site}/escala_agent/hooks/orm.py"), "_fetch_all", CodeKind::Machinery),
    ] {
        assert_eq!(CodeKind::from_names(file, name, true, &roots()), kind, "{file} {name}");
    }
}

#[test]
fn generated_code_is_nobodys() {
    for (file, name, kind) in [
        ("<string>", "__init__", CodeKind::Other),
        ("<frozen importlib._bootstrap>", "_call_with_frames_removed", CodeKind::Other),
        ("/srv/shop/templates/books.html", "root", CodeKind::CompiledTemplate),
        ("/srv/shop/templates/books.html", "block_body", CodeKind::CompiledTemplate),
        ("/srv/shop/shop/trees.py", "root", CodeKind::User),
    ] {
        assert_eq!(CodeKind::from_names(file, name, true, &roots()), kind, "{file} {name}");
    }
}

#[test]
fn a_function_of_the_same_name_is_no_serializer_field() {
    let file = "/usr/lib/python3/site-packages/rest_framework/fields.py";
    assert_eq!(CodeKind::from_names(file, "get_attribute", false, &roots()), CodeKind::Other);
}
