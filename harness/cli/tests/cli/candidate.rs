//! Candidates of all manners: who is blamed, what is said, and that the rest of the cases run.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::common::{
    Folder,
    desk::Desk,
    hub_candidate,
    junit::test_cases,
    processes::{speaking_of, until_gone},
    verify, wardgate,
};

/// One that ends and hangs in the middle fails those cases, and the others are run against a fresh one.
#[test]
fn one_that_ends_or_hangs_after_a_stimulus_fails_its_case_and_the_rest_go_on() {
    let Some(desk) = Desk::new("serve", "300ms") else {
        return;
    };
    let run = desk.verify().words("--workers 1").run().expect(1);
    let outcomes: Vec<String> = desk
        .folder
        .summary()
        .outcomes()
        .into_iter()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(outcomes, ["pass", "fail", "fail", "pass"], "{run}");
    let cases = test_cases(&desk.folder.latest("junit.xml"));
    assert!(
        cases[1].body.contains("it ended by itself: exit code 3"),
        "{}",
        cases[1].body
    );
    assert!(
        cases[2].body.contains("settled   its deadline"),
        "{}",
        cases[2].body
    );
    assert!(run.stdout.contains("candidate desk\n"), "{run}");
    // Its output is kept with the run, of all its lives in one file.
    let log = desk.folder.latest("lane-0/candidate.log");
    assert!(log.contains("the desk gives up"), "{log}");
    assert_eq!(
        log.matches("the desk is asked to serve").count(),
        3,
        "{log}"
    );
    until_gone(&speaking_of(desk.folder.path()));
}

#[test]
fn one_that_never_serves_or_ends_at_once_is_an_error_with_its_last_lines() {
    for (line, words, last) in [
        (
            "echo the desk waits for its key; sleep 600; true",
            "the candidate was not ready within 1s: no connection to",
            "    the desk waits for its key\n",
        ),
        (
            "echo the desk looks for its key; echo the desk has no key >&2; exit 7",
            "the candidate ended before it was ready: exit code 7",
            "    the desk has no key\n",
        ),
    ] {
        let desk = Desk::closed(line);
        let run = desk.verify().run().expect(2);
        for words in ["\ncould not run: ", words, "its last output:\n", last] {
            assert!(run.stdout.contains(words), "{words}\n{run}");
        }
        let cases = test_cases(&desk.folder.latest("junit.xml"));
        assert_eq!(cases.len(), 4);
        for case in &cases {
            assert_eq!(
                (case.outcome.as_str(), case.kind.as_str()),
                ("error", "not-run")
            );
            assert!(
                case.body.contains(words) && case.body.contains(last.trim()),
                "{}",
                case.body
            );
        }
        let quiet = desk.verify().arg("--quiet").run().expect(2);
        assert_eq!(quiet.stdout, "");
        assert!(
            quiet
                .stderr
                .starts_with("wardgate: 4 of 4 cases did not run: "),
            "{quiet}"
        );
        assert!(
            quiet.stderr.contains(words) && quiet.stderr.contains(last.trim()),
            "{quiet}"
        );
        until_gone(&speaking_of(desk.folder.path()));
    }
}

/// A grace period that runs out, and a child in the same process group.
#[test]
fn one_that_will_not_end_is_gone_with_its_whole_group_when_the_run_ends() {
    let Some(desk) = Desk::new("stubborn", "1s") else {
        return;
    };
    desk.verify()
        .arg("--case")
        .arg("desk/answers :: it answers")
        .run()
        .expect(0);
    let lane = desk.folder.runs()[0].join("lane-0");
    for file in ["child", "asked"] {
        assert!(lane.join(file).exists(), "the desk left no '{file}'");
    }
    until_gone(&speaking_of(desk.folder.path()));
}

#[test]
fn one_that_already_runs_is_reached_at_its_endpoints() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has one");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    let folder = Folder::new();
    let contract = folder.write(
        "there.yaml",
        "wardgate: 1\ncontract: a/there\nversion: 1.0.0\nconsumer: tests\nprovider: there\nworkflow: a\n\
         interactions:\n  - name: it answers\n    send: { http: { path: /open } }\n    \
         expect: { reply: { status: 200 } }\n",
    );
    let candidate = folder.write(
        "candidate.toml",
        format!("name = \"there\"\n[endpoints]\nhttp = {{ url = \"http://{address}\" }}\n"),
    );
    let run = || {
        verify(&folder)
            .arg(&contract)
            .arg("--candidate")
            .arg(&candidate)
    };
    let passed = run().words("--workers 4").run().expect(0);
    assert!(
        passed.stdout.contains("1 worker, candidate there\n"),
        "{passed}"
    );
    // Nobody is there any more, so nothing can be said of it.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let gone = nobody.local_addr().expect("it has one");
    drop(nobody);
    folder.write(
        "candidate.toml",
        format!("name = \"there\"\n[endpoints]\nhttp = {{ url = \"http://{gone}\" }}\n"),
    );
    let failed = run().run().expect(2);
    assert!(
        failed.stdout.contains(&format!("no connection to {gone}")),
        "{failed}"
    );
}

/// A second candidate would find the partners' addresses taken, so there is one lane, and that is what is said.
#[test]
fn one_whose_partners_have_fixed_addresses_runs_alone_and_that_is_said() {
    let folder = Folder::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("it has one");
    drop(free);
    let fixed = format!("ehr = {{ protocol = \"fhir\", listen = \"{address}\" }}");
    let candidate = hub_candidate("").replacen("ehr = \"fhir\"", &fixed, 1);
    assert!(
        candidate.contains(&fixed),
        "the hub's partners are named otherwise"
    );
    let candidate = folder.write("candidate.toml", candidate);
    let run = verify(&folder)
        .words("contracts/suites/medication/tenants.yaml --workers 3 --candidate")
        .arg(candidate)
        .run()
        .expect(0);
    assert!(
        run.stderr.contains("3 of 3 cases, 1 worker,")
            && run.stderr.contains(
                "one worker in place of those asked for: its partners have fixed addresses\n"
            ),
        "{run}"
    );
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut part) {
        request.extend_from_slice(&part[..read]);
        if request.ends_with(b"\r\n\r\n") {
            let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            if stream.write_all(reply).is_err() {
                return;
            }
            request.clear();
        }
    }
}

#[test]
fn a_candidate_file_that_is_wrong_is_shown_by_line() {
    let folder = Folder::new();
    for (text, place) in [
        (
            "name = \"x\"\ncommand = [\"y\"]\ncolour = 1\n",
            "candidate.toml:3: unknown field `colour`",
        ),
        (
            "name = \"x\"\n",
            "expected a command to start, or [endpoints]",
        ),
    ] {
        folder.write("candidate.toml", text);
        let run = wardgate()
            .within(folder.path())
            .words("verify --candidate candidate.toml")
            .run()
            .expect(2);
        assert!(run.stderr.contains(place), "{run}");
        assert_eq!(run.stdout, "");
    }
    let run = verify(&folder)
        .words("--candidate nobody.toml")
        .run()
        .expect(2);
    assert!(run.stderr.contains("cannot read nobody.toml"), "{run}");
}
