use super::*;

fn roots() -> ProjectRoots {
    let root = vec!["/srv/shop".to_owned()];
    ProjectRoots { roots: root.clone(), sources: root, excluded: vec!["/srv/shop/venv".into()] }
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
fn settings_say_where_the_users_code_is() {
    let roots = ProjectRoots {
        sources: ["/srv/shop/src", "/srv/shared", "/srv/shop/venv/src/own"].map(str::to_owned).into(),
        excluded: ["/srv/shop/src/vendor", "/srv/shared/gen.py", "/srv/shop/venv"].map(str::to_owned).into(),
        ..roots()
    };
    for (path, owned, relative) in [
        ("/srv/shop/src/shop/views.py", true, Some("src/shop/views.py")),
        ("/srv/shop/src/vendor/lib.py", false, None),
        ("/srv/shop/src/vendored.py", true, Some("src/vendored.py")),
        ("/srv/shop/manage.py", false, Some("manage.py")),
        ("/srv/shop/templates/home.html", false, Some("templates/home.html")),
        ("/srv/shared/money.py", true, None),
        ("/srv/shared/gen.py", false, None),
        ("/srv/shop/venv/src/own/models.py", true, Some("venv/src/own/models.py")),
        ("/srv/shop/venv/lib/site-packages/x.py", false, None),
    ] {
        assert_eq!((roots.owns(path), roots.relative(path)), (owned, relative), "{path}");
    }
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
        (&format!("{site}/django/template/base.py"), "resolve", CodeKind::Other),
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
