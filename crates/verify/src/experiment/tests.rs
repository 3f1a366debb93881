//! Experiments on a real, small Django project, with candidates written by hand.

use std::time::Duration;

use super::*;
use crate::testing::{PYTHONS, Site, get, pythons};

const SLOW: &str = "lines(Book.objects.all()))";
const FAST: &str = "lines(Book.objects.select_related(\"publisher\")))";

/// The finding is about the first request; the others are controls.
fn about_the_first(requests: &[Recorded]) -> Selection {
    Selection { affected: vec![0], controls: (1..requests.len()).collect() }
}

fn only_trial(site: &Site, requests: &[Recorded], overlay: Overlay) -> Trial {
    let contest = site.laboratory(requests).compete(&[overlay], &about_the_first(requests)).unwrap();
    let trial = contest.trials.into_iter().next().unwrap();
    assert_eq!(contest.winner.is_some(), trial.verdict.is_ok());
    trial
}

fn rejection(site: &Site, requests: &[Recorded], overlay: Overlay) -> String {
    only_trial(site, requests, overlay).verdict.unwrap_err().to_string()
}

#[test]
fn an_eager_load_is_proved() {
    for python in pythons() {
        let site = Site::new(python);
        let before = site.files();
        let requests = [get("/books/"), get("/form/"), get("/count/")];
        let trial = only_trial(&site, &requests, site.views_with(SLOW, FAST));
        assert_eq!(trial.verdict, Ok(()));
        assert_eq!(verdict::queries(&trial.evidence.affected), (101, 1));
        let (before_ns, after_ns) = verdict::time_ns(&trial.evidence.affected);
        assert!(after_ns < before_ns);
        assert_eq!((trial.evidence.replayed.len(), trial.evidence.identical.len()), (3, 3));
        assert_eq!(site.files(), before, "no bytecode, no temporary file");
    }
}

#[test]
fn the_rival_of_a_candidate_that_is_no_slower_is_not_tried() {
    let site = Site::new(PYTHONS[0]);
    let requests = [get("/books/")];
    let prefetch = site.views_with(SLOW, "lines(Book.objects.prefetch_related(\"publisher\")))");
    let select = site.views_with(SLOW, FAST);
    let contest =
        site.laboratory(&requests).compete(&[select, prefetch], &about_the_first(&requests)).unwrap();
    assert_eq!(contest.winner, Some(0));
    assert_eq!(verdict::queries(&contest.trials[0].evidence.affected), (101, 1));
    assert_eq!(contest.trials[1].verdict, Err(Rejection::Outdone));
    assert!(contest.trials[1].evidence.replayed.is_empty());
}

#[test]
fn a_candidate_that_fails_makes_way_for_its_rivals() {
    let site = Site::new(PYTHONS[0]);
    let requests = [get("/books/")];
    let wrong = site.views_with(SLOW, "lines(Book.objects.select_related(\"publisher\").order_by(\"-pk\")))");
    let right = site.views_with(SLOW, FAST);
    let contest = site.laboratory(&requests).compete(&[wrong, right], &about_the_first(&requests)).unwrap();
    assert_eq!(contest.winner, Some(1));
    assert!(matches!(contest.trials[0].verdict, Err(Rejection::Different { .. })));
}

#[test]
fn another_answer_is_rejected_with_the_first_difference() {
    let site = Site::new(PYTHONS[0]);
    let wrong = "lines(Book.objects.select_related(\"publisher\").order_by(\"-pk\")))";
    let trial = only_trial(&site, &[get("/books/")], site.views_with(SLOW, wrong));
    let reason = trial.verdict.unwrap_err().to_string();
    assert!(
        reason.starts_with("GET /books/: the response changes; body: \"Book 0 (Publisher 0)"),
        "{reason}"
    );
    assert!(reason.contains("became \"Book 99 (Publisher 19)"), "{reason}");
    assert_eq!((trial.evidence.replayed.len(), trial.evidence.identical.len()), (1, 0));
}

#[test]
fn another_answer_elsewhere_is_rejected_too() {
    let site = Site::new(PYTHONS[0]);
    let helper = "for book in books)\n";
    let wrong = "for book in (books if len(books) > 20 else list(books)[::-1]))\n";
    let mut overlay = site.views_with(SLOW, FAST);
    for text in overlay.values_mut() {
        *text = text.replace(helper, wrong);
    }
    let reason = rejection(&site, &[get("/books/"), get("/form/")], overlay);
    assert!(reason.starts_with("GET /form/: the response changes; body:"), "{reason}");
}

#[test]
fn more_queries_elsewhere_are_rejected() {
    let site = Site::new(PYTHONS[0]);
    let mut overlay = site.views_with(SLOW, FAST);
    for text in overlay.values_mut() {
        *text = text
            .replace("str(Book.objects.count())", "str(Book.objects.count() + 0 * Store.objects.count())");
    }
    let reason = rejection(&site, &[get("/books/"), get("/count/")], overlay);
    assert_eq!(reason, "GET /count/ takes more queries: 1 before, 2 after");
}

#[test]
fn an_edit_without_effect_is_rejected() {
    let site = Site::new(PYTHONS[0]);
    let reason = rejection(&site, &[get("/books/")], site.views_with(SLOW, "lines(Book.objects.filter()))"));
    assert!(
        reason.starts_with("no fewer queries: 101 before, 101 after; still 100 times: SELECT"),
        "{reason}"
    );
    let elsewhere = Overlay::from([(site.root().join("shop/unused.py"), "x = 1\n".to_owned())]);
    std::fs::write(site.root().join("shop/unused.py"), "").unwrap();
    let reason = rejection(&site, &[get("/books/")], elsewhere);
    assert!(reason.contains("unused.py is not imported"), "{reason}");
}

#[test]
fn fewer_queries_in_more_time_are_rejected() {
    let site = Site::new(PYTHONS[0]);
    let slow = "(time.sleep(0.3), lines(Book.objects.select_related(\"publisher\")))[1])";
    let reason = rejection(&site, &[get("/books/")], site.views_with(SLOW, slow));
    assert!(reason.starts_with("not faster: "), "{reason}");
}

#[test]
fn a_page_with_a_csrf_token_is_provable() {
    for python in pythons() {
        let site = Site::new(python);
        let fast = site.views_with(
            "lines(Book.objects.all()[:9])",
            "lines(Book.objects.select_related(\"publisher\")[:9])",
        );
        let trial = only_trial(&site, &[get("/form/")], fast);
        assert_eq!(trial.verdict, Ok(()));
        assert_eq!(verdict::queries(&trial.evidence.affected), (10, 1));
    }
}

#[test]
fn a_page_in_random_order_cannot_be_proved() {
    let site = Site::new(PYTHONS[0]);
    let fast =
        site.views_with("sorted(Book.objects.all()", "sorted(Book.objects.select_related(\"publisher\")");
    let reason = rejection(&site, &[get("/shuffled/")], fast);
    assert!(reason.starts_with("cannot prove: GET /shuffled/ is not deterministic"), "{reason}");
}

/// A trial for which the baseline was surveyed while the control was young.
fn trial_after_ageing(site: &Site, overlay: Overlay) -> Trial {
    let requests = [get("/books/"), get("/ages/")];
    let mut laboratory = site.laboratory(&requests);
    let selection = about_the_first(&requests);
    laboratory.compete(&[], &selection).unwrap();
    std::fs::write(site.root().join("aged"), "").unwrap();
    laboratory.compete(&[overlay], &selection).unwrap().trials.remove(0)
}

#[test]
fn a_control_may_age_as_it_does_without_the_edit() {
    let site = Site::new(PYTHONS[0]);
    let trial = trial_after_ageing(&site, site.views_with(SLOW, FAST));
    assert_eq!(trial.verdict, Ok(()));
    assert_eq!(trial.evidence.identical, BTreeSet::from([0, 1]));
    assert!(trial.evidence.left_out.is_empty(), "{:?}", trial.evidence.left_out);
}

#[test]
fn ageing_does_not_hide_another_answer() {
    let site = Site::new(PYTHONS[0]);
    let mut overlay = site.views_with(SLOW, FAST);
    for text in overlay.values_mut() {
        *text = text.replace("\"ago \"", "\"ever \"");
    }
    let reason = trial_after_ageing(&site, overlay).verdict.unwrap_err().to_string();
    assert!(reason.starts_with("GET /ages/: the response changes; body: \"ago ago"), "{reason}");
}

#[test]
fn a_page_that_tells_the_time_in_every_row_is_provable() {
    let site = Site::new(PYTHONS[0]);
    let joined =
        site.views_with("Book.objects.all()[:20]", "Book.objects.select_related(\"publisher\")[:20]");
    let trial = only_trial(&site, &[get("/moments/")], joined);
    assert_eq!(trial.verdict, Ok(()));
    let asked = std::fs::metadata(site.root().join("asked")).unwrap().len();
    assert!(asked > 3, "no moment has passed in {asked} requests");
    let mut wrong =
        site.views_with("Book.objects.all()[:20]", "Book.objects.select_related(\"publisher\")[:20]");
    for text in wrong.values_mut() {
        *text = text.replace("{passed} ago", "{passed} before");
    }
    let reason = rejection(&site, &[get("/moments/")], wrong);
    assert!(reason.starts_with("GET /moments/: the response changes; body: \"Publisher 0: "), "{reason}");
}

#[test]
fn an_answer_that_another_process_of_the_same_code_gives_is_identical() {
    // Process 0 is the baseline, 1 the candidate, 2 to 4 are its peers.
    for (odd_processes, identical) in [("1 3", true), ("1", false)] {
        let site = Site::new(PYTHONS[0]);
        std::fs::write(site.root().join("odd_processes"), odd_processes).unwrap();
        let requests = [get("/books/"), get("/process/")];
        let trial = only_trial(&site, &requests, site.views_with(SLOW, FAST));
        assert_eq!(trial.verdict.is_ok(), identical, "{:?}", trial.verdict);
        assert_eq!(trial.evidence.identical.contains(&1), identical);
    }
}

#[test]
fn controls_that_show_nothing_are_left_out_and_named() {
    let site = Site::new(PYTHONS[0]);
    let requests = [get("/books/"), get("/shuffled/"), get("/raises/"), get("/dies/"), get("/count/")];
    let trial = only_trial(&site, &requests, site.views_with(SLOW, FAST));
    assert_eq!(trial.verdict, Ok(()));
    assert_eq!(trial.evidence.replayed, BTreeSet::from([0, 4]));
    assert_eq!(trial.evidence.left_out.len(), 3);
    assert!(trial.evidence.left_out[2].ends_with("ended (exit status: 7)"), "{:?}", trial.evidence.left_out);
}

#[test]
fn a_page_that_fails_or_kills_its_process_is_told_so() {
    let site = Site::new(PYTHONS[0]);
    let reason = |page: &str| rejection(&site, &[get(page)], site.views_with(SLOW, FAST));
    assert_eq!(
        reason("/raises/"),
        "cannot prove: GET /raises/ fails in the replay without the edit: ValueError: out of paper"
    );
    assert!(reason("/dies/").ends_with("the process that replays ended (exit status: 7)"));
    let mut hasty = site.laboratory(&[]);
    hasty.launch.request_time_max = Duration::from_millis(700);
    let requests = [get("/hangs/")];
    let mut hasty = Laboratory::new(hasty.launch, requests.iter().collect());
    let contest = hasty.compete(&[site.views_with(SLOW, FAST)], &about_the_first(&requests)).unwrap();
    assert!(contest.trials[0].verdict.clone().unwrap_err().to_string().ends_with("no answer within 0.7 s"));
}

#[test]
fn an_edit_that_breaks_the_project_is_rejected() {
    let site = Site::new(PYTHONS[0]);
    let reason = rejection(&site, &[get("/books/")], site.views_with(SLOW, "lines(Book.objects.all(())"));
    assert!(reason.starts_with("the project does not load with the edit: "), "{reason}");
    assert!(reason.contains("SyntaxError"), "{reason}");
    let wrong = site.views_with(SLOW, "lines(Book.objects.select_related(\"author\")))");
    let reason = rejection(&site, &[get("/books/")], wrong);
    assert!(
        reason.starts_with("GET /books/ fails with the edit: FieldError: Invalid field name"),
        "{reason}"
    );
    let deadly = rejection(&site, &[get("/books/")], site.views_with(SLOW, "os._exit(9))"));
    assert_eq!(deadly, "GET /books/ fails with the edit: the process that replays ended (exit status: 9)");
}

#[test]
fn a_project_that_does_not_load_is_an_error_of_its_own() {
    let mut site = Site::new(PYTHONS[0]);
    site.process.settings_module = "shop.missing".into();
    let requests = [get("/books/")];
    let error =
        site.laboratory(&requests).compete(&[Overlay::new()], &about_the_first(&requests)).unwrap_err();
    assert!(error.to_string().ends_with("No module named 'shop.missing'"), "{error}");
}
