//! Candidates that never serve, end, hang or talk nonsense: who is blamed, and that the run goes on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::common::{
    IDLE, candidate, ids, is_gone, plan_of, plan_with, ran, ran_plan, runs, sound,
};
use wardgate_core::{
    event::{EventKind, Lifecycle},
    plan::Limits,
    verdict::{Leg, MismatchKind, Outcome},
};
use wardgate_runner::{Address, Candidate, Observer, RunOptions, Stop};

const OK: &str =
    "\n- name: afterwards\n  send: { http: { path: /ok } }\n  expect: { reply: { status: 200 } }\n";

fn get(path: &str) -> String {
    format!(
        "- name: first\n  send: {{ http: {{ path: {path} }} }}\n  expect: {{ reply: {{ status: 200 }} }}{OK}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_never_ready_is_a_problem_with_its_last_lines() {
    let mute = candidate("mute", "[ready]\nlog = 'ready'\nwithin = \"150ms\"");
    let ran = ran(mute, &get("/ok")).await;
    let problem = ran.outcome.problem.as_deref().expect("there is a problem");
    assert!(
        problem.contains("not ready within 150ms") && problem.contains("still warming up"),
        "{problem}"
    );
    assert_eq!(
        (ran.outcome.verdicts.len(), ran.outcome.not_run.len()),
        (0, 2)
    );
    assert_eq!(
        ran.count(|kind| matches!(kind, EventKind::Candidate(Lifecycle::NeverReady { .. }))),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_ends_before_it_is_ready_is_a_problem_at_once() {
    let began = Instant::now();
    let ran = ran(candidate("dies", ""), &get("/ok")).await;
    let problem = ran.outcome.problem.as_deref().expect("there is a problem");
    assert!(
        problem.contains("exit code 7") && problem.contains("cannot open the database"),
        "{problem}"
    );
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "its deadline was waited for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_ends_before_any_stimulus_is_a_problem() {
    let ends = candidate("dies-when-ready", "[ready]\nlog = 'ready'");
    let ran = ran(ends, &get("/ok")).await;
    let problem = ran.outcome.problem.as_deref().expect("there is a problem");
    assert!(
        problem.contains("exit code 7") && problem.contains("ready http="),
        "{problem}"
    );
    assert!(
        ran.outcome
            .verdicts
            .iter()
            .all(|verdict| verdict.outcome == Outcome::Error),
        "{}",
        ran.story()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_started_is_a_problem() {
    let text =
        "name = \"x\"\ncommand = [\"/no/such/program\"]\n[endpoints]\nhttp = { log = '(x)' }";
    let missing = Candidate::parse(text, "c", std::path::Path::new(".")).expect("it is sound");
    let ran = ran(missing, &get("/ok")).await;
    assert!(
        ran.outcome
            .problem
            .is_some_and(|problem| problem.contains("/no/such/program"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_not_declared_is_a_problem_that_names_those_that_are() {
    let ran = ran(sound(), "- name: x\n  send: { http: { to: orders, path: /ok } }\n  expect: { reply: { status: 200 } }").await;
    let problem = ran.outcome.problem.expect("there is a problem");
    assert!(
        problem.contains("'orders'") && problem.contains("http, inbox, line"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_ends_after_a_stimulus_fails_its_case_and_is_started_for_the_next() {
    let ran = ran(sound(), &get("/exit")).await;
    assert_eq!(ran.outcome.problem, None);
    assert_eq!(
        ran.outcomes(),
        [("first", Outcome::Fail), ("afterwards", Outcome::Pass)],
        "{}",
        ran.story()
    );
    let first = &ran.outcome.verdicts[0];
    let lost = first
        .verdicts
        .iter()
        .find(|verdict| verdict.leg == Leg::Candidate)
        .expect("it is said");
    assert!(lost.actual.contains("exit code 3") && lost.mismatches[0].kind == MismatchKind::Lost);
    assert_eq!(ids(&ran.lane_folder(0).join("starts")).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_fails_within_the_deadline_and_is_started_for_the_next() {
    let ran = ran(sound(), &get("/hang")).await;
    assert_eq!(
        ran.outcomes(),
        [("first", Outcome::Fail), ("afterwards", Outcome::Pass)],
        "{}",
        ran.story()
    );
    let took = Duration::from_nanos(ran.outcome.verdicts[0].duration_ns);
    assert!(
        took >= Duration::from_millis(700) && took < Duration::from_millis(1_500),
        "{took:?}"
    );
    assert_eq!(
        ran.count(|kind| *kind == EventKind::Candidate(Lifecycle::Killed)),
        1
    );
    let starts = ids(&ran.lane_folder(0).join("starts"));
    assert_eq!(starts.len(), 2);
    assert!(is_gone(starts[0]).await && is_gone(starts[1]).await);
}

/// Lets the second case begin only when the candidate's process is over.
struct UntilItEnded {
    starts: std::path::PathBuf,
}

impl Observer for UntilItEnded {
    fn case_started(&self, _lane: usize, case: usize) {
        let id = ids(&self.starts).first().copied();
        if case == 1
            && let Some(id) = id
        {
            while !is_over(id) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Whether a child of ours has ended, reaped or not.
fn is_over(id: u32) -> bool {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let id = i32::try_from(id)
        .ok()
        .and_then(Pid::from_raw)
        .expect("an id");
    !matches!(waitid(WaitId::Pid(id), look), Ok(None))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_ends_between_two_cases_is_started_again_and_that_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let starts = folder.path().join("lane-0/starts");
    let outcome = wardgate_runner::run(
        plan_of(&get("/answer-and-exit")),
        crate::common::catalog(),
        Arc::new(sound()),
        RunOptions::new(folder.path()),
        Arc::new(UntilItEnded {
            starts: starts.clone(),
        }),
    )
    .await;
    assert_eq!(outcome.problem, None);
    let verdicts: Vec<Outcome> = outcome.verdicts.iter().map(|one| one.outcome).collect();
    // Whether its end is seen within its own case is a matter of microseconds: where it is not, the verdict is taken back.
    assert_eq!(verdicts, [Outcome::Fail, Outcome::Pass], "{outcome:?}");
    let blamed = &outcome.verdicts[0];
    assert!(
        blamed
            .verdicts
            .iter()
            .any(|verdict| verdict.actual.contains("exit code 4")),
        "{blamed:?}"
    );
    assert_eq!(ids(&starts).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_ends_between_two_cases_is_reported_and_never_an_error() {
    let ran = ran(sound(), &get("/answer-and-exit")).await;
    assert_eq!(ran.outcome.problem, None);
    let outcomes = ran.outcomes();
    // Whether its end is seen within its own case, between the cases, or by the next one's stimulus is a matter of
    // microseconds; it is never overlooked, and never taken for a fault of the harness.
    assert!(
        outcomes
            .iter()
            .all(|(_, outcome)| *outcome != Outcome::Error),
        "{}",
        ran.story()
    );
    let verdicts = ran.outcome.verdicts.iter().flat_map(|case| &case.verdicts);
    let blamed = verdicts
        .filter(|verdict| verdict.leg == Leg::Candidate)
        .any(|verdict| verdict.actual.contains("exit code 4"));
    let reported = ran
        .outcome
        .exits
        .iter()
        .any(|exit| exit.contains("exit code 4"));
    assert!(blamed || reported, "{}", ran.story());
    if reported {
        assert_eq!(
            outcomes[1],
            ("afterwards", Outcome::Pass),
            "{}",
            ran.story()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_that_no_selected_case_uses_need_not_be_declared() {
    let text = "- name: x\n  send: { http: { path: /ok } }\n  expect: { reply: { status: 200 } }\n\
                - name: y\n  send: { http: { to: orders, path: /ok } }\n  expect: { reply: { status: 200 } }";
    let mut plan = Arc::unwrap_or_clone(plan_of(text));
    plan.selected.retain(|case| plan.cases[*case].title == "x");
    let ran = ran_plan(sound(), Arc::new(plan), |_| {}).await;
    ran.passes();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_that_are_none_fail_and_keep_their_bytes() {
    for (path, kind, words) in [
        ("/garble", MismatchKind::Malformed, "do not begin like"),
        (
            "/truncate",
            MismatchKind::Malformed,
            "in the middle of the body",
        ),
        ("/close", MismatchKind::Missing, "without a reply"),
    ] {
        let ran = ran(sound(), &get(path)).await;
        assert_eq!(
            ran.outcomes(),
            [("first", Outcome::Fail), ("afterwards", Outcome::Pass)],
            "{path}\n{}",
            ran.story()
        );
        let transport = &ran.outcome.verdicts[0].verdicts[0];
        assert_eq!(
            (&transport.leg, transport.mismatches[0].kind),
            (&Leg::Transport, kind),
            "{path}"
        );
        assert!(
            transport.mismatches[0].actual.contains(words),
            "{path}: {transport:?}"
        );
        let kept = ran.count(|kind| {
            matches!(kind, EventKind::Wire(wire) if wire.fault.is_some() && wire.bytes.len() > 10)
        });
        assert_eq!(kept, usize::from(kind == MismatchKind::Malformed), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_reply_fails_and_does_not_stain_what_follows() {
    let say = "send: { line: { line: \"SAY ${mrn}\" } }\n  expect: { reply: { line: { text: \"OK ${mrn}\" } } }";
    let text = format!(
        "- name: late\n  send: {{ line: {{ line: \"LATE ${{mrn}}\" }} }}\n  \
         expect: {{ reply: {{ within: 100ms, line: {{ text: \"OK ${{mrn}}\" }} }} }}\n\
         - name: soon\n  {say}\n- name: in time\n  send: {{ line: {{ line: \"LATE ${{mrn}}\" }} }}\n  \
         expect: {{ reply: {{ within: 3s, line: {{ text: \"OK ${{mrn}}\" }} }} }}\n"
    );
    let ran = ran(sound(), &text).await;
    assert_eq!(
        ran.outcomes(),
        [
            ("late", Outcome::Fail),
            ("soon", Outcome::Pass),
            ("in time", Outcome::Pass)
        ],
        "{}",
        ran.story()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_line_and_silence_fail() {
    for verb in ["HALF", "MUTE"] {
        let text = format!(
            "- name: first\n  send: {{ line: {{ line: \"{verb} ${{mrn}}\" }} }}\n  \
             expect: {{ reply: {{ line: {{ text: \"OK ${{mrn}}\" }} }} }}{OK}"
        );
        let ran = ran(sound(), &text).await;
        assert_eq!(
            ran.outcomes(),
            [("first", Outcome::Fail), ("afterwards", Outcome::Pass)],
            "{verb}\n{}",
            ran.story()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_idle_candidate_has_not_sent_is_missed_early() {
    let slow = Limits {
        within: Duration::from_secs(20),
        ..crate::common::limits()
    };
    let text = "- name: forgotten\n  send: { http: { method: POST, path: /forget, body: \"${mrn}\" } }\n  \
                expect: { reply: { status: 202 }, notes: [ { received: POST /notes, times: \"at least 1\" } ] }";
    let began = Instant::now();
    let ran = ran_plan(sound(), plan_with(text, slow), |_| {}).await;
    assert_eq!(ran.only().outcome, Outcome::Fail, "{}", ran.story());
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "its deadline was waited for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_never_comes_to_rest_misses_its_barrier() {
    let limits = Limits {
        barrier: Duration::from_millis(200),
        ..crate::common::limits()
    };
    // A partner that is down for good keeps the outbox full.
    let text = "- name: restless\n  send: { http: { method: POST, path: /forward, body: \"${mrn}\" } }\n  \
                expect: { reply: { status: 202 }, notes: [ { received: POST /nothing, times: 0 } ] }\n  \
                variations: [ { partner down: notes, for: 100000 attempts } ]";
    let plan = plan_with(text, limits);
    let candidate = candidate("serve", "[idle]\nhttp = \"${endpoints.http}/nothing\"");
    let ran = ran_plan(candidate, plan, |_| {}).await;
    assert!(
        ran.outcomes()
            .iter()
            .all(|(_, outcome)| *outcome == Outcome::Fail),
        "{}",
        ran.story()
    );
    let last = ran.outcome.verdicts[0]
        .verdicts
        .last()
        .expect("there is one");
    assert!(
        last.mismatches
            .iter()
            .any(|found| found.actual.contains("it answered 404")),
        "{last:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_candidate_that_already_runs_has_one_lane_and_is_left_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut served = tokio::process::Command::new(env!("CARGO_BIN_EXE_runner-test-candidate"))
        .args(["--folder", &folder.path().display().to_string()])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let mut output = tokio::io::BufReader::new(served.stdout.take().expect("it is piped"));
    tokio::io::AsyncBufReadExt::read_line(&mut output, &mut line)
        .await
        .expect("it is printed");
    let url = line
        .split_once("http=")
        .and_then(|(_, rest)| rest.split(' ').next())
        .expect("it is there");
    let fixed = Candidate::fixed(
        "served",
        [(String::from("http"), Address::parse(url).expect("a URL"))],
    );
    let ran = ran_plan(fixed, plan_of(&get("/ok")), |options| options.workers = 4).await;
    ran.passes();
    assert_eq!(
        (ran.outcome.lanes.len(), ran.outcome.lanes[0].process),
        (1, None)
    );
    assert_eq!(served.try_wait().expect("it is our child"), None);
    served.kill().await.expect("it still runs");
    let began = Instant::now();
    let fixed = Candidate::fixed(
        "gone",
        [(String::from("http"), Address::parse(url).expect("a URL"))],
    );
    let ran = crate::common::ran(fixed, &get("/ok")).await;
    assert!(
        ran.outcome
            .problem
            .is_some_and(|problem| problem.contains("no connection"))
    );
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provider_states_are_asked_for() {
    let given = |state: &str| {
        format!(
            "- name: it\n  given: [ {{ state: {state}, with: {{ mrn: \"${{mrn}}\" }} }} ]\n  send: {{ http: {{ path: /ok }} }}\n  \
             expect: {{ reply: {{ status: 200 }} }}"
        )
    };
    let with = "[provider_states]\nurl = \"${endpoints.http}/state\"";
    let possible = ran(candidate("serve", with), &given("possible")).await;
    possible.passes();
    let impossible = ran(candidate("serve", with), &given("impossible")).await;
    assert_eq!(impossible.only().outcome, Outcome::Error);
    let unasked = ran(sound(), &given("possible")).await;
    assert_eq!(unasked.only().outcome, Outcome::Error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_failure_ends_the_run_if_that_is_wanted() {
    let ran = ran_plan(sound(), plan_of(&get("/missing")), |options| {
        options.fail_fast = true;
    })
    .await;
    assert_eq!(ran.outcomes(), [("first", Outcome::Fail)]);
    assert_eq!(ran.outcome.not_run.len(), 1);
    assert!(ran.outcome.not_run[0].reason.contains("first failure"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_run_leaves_nothing_running_and_says_what_did_not_run() {
    let stop = Stop::new();
    let asked = stop.clone();
    let limits = Limits {
        within: Duration::from_mins(1),
        ..crate::common::limits()
    };
    let plan = plan_with(&get("/hang"), limits);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        asked.request();
    });
    let began = Instant::now();
    let ran = ran_plan(candidate("with-child", IDLE), plan, |options| {
        options.stop = stop;
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(ran.outcome.interrupted);
    assert_eq!(
        (ran.outcome.verdicts.len(), ran.outcome.not_run.len()),
        (0, 2)
    );
    for file in ["starts", "children"] {
        let ids = ids(&ran.lane_folder(0).join(file));
        assert_eq!(ids.len(), 1);
        assert!(is_gone(ids[0]).await, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_process_group_is_gone_after_a_run() {
    let ran = ran(candidate("with-child", IDLE), &get("/ok")).await;
    ran.passes();
    for file in ["starts", "children"] {
        let ids = ids(&ran.lane_folder(0).join(file));
        assert_eq!(ids.len(), 1);
        assert!(is_gone(ids[0]).await, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_process_group_is_gone_when_the_run_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let lane = folder.path().join("lane-0");
    let limits = Limits {
        within: Duration::from_mins(1),
        ..crate::common::limits()
    };
    let run = wardgate_runner::run(
        plan_with(&get("/hang"), limits),
        crate::common::catalog(),
        std::sync::Arc::new(candidate("with-child", IDLE)),
        wardgate_runner::RunOptions::new(folder.path()),
        std::sync::Arc::new(wardgate_runner::Unobserved),
    );
    let started = async {
        while ids(&lane.join("children")).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        outcome = run => panic!("it ended: {outcome:?}"),
        () = started => {}
    }
    for file in ["starts", "children"] {
        assert!(is_gone(ids(&lane.join(file))[0]).await, "{file}");
    }
}

/// Leaves a file in the lane's folder when the candidate is ready: from then on its group is surely watched.
struct Opening;

impl wardgate_runner::Observer for Opening {
    fn lane_opened(&self, lane: &wardgate_runner::LaneInfo) {
        std::fs::write(lane.folder.join("opened"), "").expect("it is ours");
    }
}

/// The part of the next test that is killed: it runs a candidate that hangs, for as long as it lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_be_killed() {
    let Some(folder) = std::env::var_os("RUNNER_TEST_TO_BE_KILLED") else {
        return;
    };
    let limits = Limits {
        within: Duration::from_secs(500),
        attempt: Duration::from_secs(500),
        ..crate::common::limits()
    };
    let outcome = wardgate_runner::run(
        plan_with(&get("/hang"), limits),
        crate::common::catalog(),
        std::sync::Arc::new(candidate("with-child", IDLE)),
        wardgate_runner::RunOptions::new(folder),
        std::sync::Arc::new(Opening),
    )
    .await;
    panic!("it ended: {outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_process_group_is_gone_when_we_are_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let lane = folder.path().join("lane-0");
    let mut harness = tokio::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["trouble::to_be_killed", "--exact", "--test-threads=1"])
        .env("RUNNER_TEST_TO_BE_KILLED", folder.path())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    while !lane.join("opened").exists() {
        assert_eq!(
            harness.try_wait().expect("it is our child"),
            None,
            "it ended by itself"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (candidate, child) = (ids(&lane.join("starts"))[0], ids(&lane.join("children"))[0]);
    assert!(runs(candidate) && runs(child));
    harness.start_kill().expect("it runs");
    harness.wait().await.expect("it is our child");
    assert!(is_gone(candidate).await && is_gone(child).await);
}
