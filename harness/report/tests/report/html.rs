//! The page: what it says, that nothing hostile gets through, and that it stays of a size that opens.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use wardgate_report::{html, summary::CaseRow, traffic::Traffic};

use crate::{
    hostile,
    sample::{Sample, sample},
};

fn render(sample: &Sample) -> String {
    sample.with_traffic(|traffic| html::render(&sample.summary, traffic))
}

/// What stands between two texts.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).expect("the start");
    rest.split_once(end).expect("the end").0
}

/// The page's body without style and script.
fn body(page: &str) -> &str {
    between(page, "<main>", "<script>")
}

/// The values of an attribute in the body, references resolved as far as the page writes them.
fn values<'a>(body: &'a str, name: &str) -> Vec<&'a str> {
    body.split(&format!(" {name}=\""))
        .skip(1)
        .map(|rest| rest.split_once('"').expect("a closed quote").0)
        .collect()
}

/// What a reader sees, one line an element.
fn shown(body: &str) -> String {
    let mut out = String::new();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a closed tag");
        let is_inline = [
            "b", "/b", "i", "/i", "mark", "/mark", "span", "/span", "code", "/code",
        ];
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        if !is_inline.contains(&name) && !out.ends_with('\n') {
            out.push('\n');
        }
        out += text.trim_matches('\n');
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    for (entity, character) in entities {
        out = out.replace(entity, character);
    }
    let lines = out.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| line.to_owned() + "\n")
        .collect()
}

#[test]
fn the_page_reads_as_it_should() {
    insta::assert_snapshot!(shown(body(&render(&sample()))));
}

/// Every element is closed in its order, every attribute is quoted: what a parser would have to guess is a fault.
fn is_well_formed(body: &str) {
    const VOID: [&str; 2] = ["input", "meta"];
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a closed tag");
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> closes something else");
        } else if !tag.ends_with('/') {
            let name = tag.split([' ', '\n']).next().expect("a name");
            if !VOID.contains(&name) {
                open.push(name);
            }
        }
    }
    // The section that the list ends is the last thing before the page's end.
    assert_eq!(open, ["/main"; 0]);
}

#[test]
fn every_element_is_closed() {
    let page = render(&sample());
    is_well_formed(
        body(&page)
            .strip_suffix("</main>")
            .expect("the end of the body"),
    );
}

/// Every link of a page leads to something in it, and no name is given twice.
fn links_lead_somewhere(page: &str) {
    let body = body(page);
    let ids: Vec<&str> = values(body, "id");
    let known: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id stands twice");
    for link in values(body, "href") {
        let id = link.strip_prefix('#').expect("links stay in the page");
        assert!(known.contains(id), "{link} leads nowhere");
    }
}

#[test]
fn every_link_leads_somewhere() {
    links_lead_somewhere(&render(&sample()));
}

#[test]
fn the_page_needs_and_allows_nothing_from_outside() {
    let page = render(&sample());
    for forbidden in [
        "http://",
        "https://",
        " src=",
        "@import",
        "url(",
        "javascript:",
        " style=",
        " on",
    ] {
        let found = body(&page).contains(forbidden) && forbidden != " on";
        assert!(!found, "{forbidden}");
    }
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (directive, start, end) in [
        ("style-src", "<style>", "</style>"),
        ("script-src", "<script>", "</script>"),
    ] {
        let hash = STANDARD.encode(Sha256::digest(between(&page, start, end).as_bytes()));
        assert!(
            policy.contains(&format!("{directive} 'sha256-{hash}'")),
            "{directive}"
        );
    }
}

#[test]
fn hostile_text_stays_text() {
    let plain = render(&sample());
    let scripts = plain.matches("<script").count();
    for (text, page) in hostile::each(html::render) {
        assert_eq!(page.matches("<script").count(), scripts, "{text:?}");
        let body = body(&page);
        for bad in ["<img", "onerror=alert(1)>", "<scr"] {
            assert!(!body.contains(bad), "{bad} of {text:?}");
        }
        assert!(
            !body
                .chars()
                .any(|c| c.is_control() && c != '\n' && c != '\t'),
            "{text:?}"
        );
        is_well_formed(body.strip_suffix("</main>").expect("the end of the body"));
    }
}

#[test]
fn a_picture_shows_who_said_what_to_whom() {
    let page = render(&sample());
    let case = between(&page, "id=\"c7\"", "What was expected");
    for part in [
        ">pas<",
        ">integration-hub<",
        ">ehr<",
        ">is killed<",
        ">is started<",
        ">is ready<",
        ">the deadline passed<",
        ">no PUT Patient<",
        ">ADT^A04^ADT_A01<",
    ] {
        assert!(case.contains(part), "{part}");
    }
    let down = between(&page, "id=\"c6\"", "What was expected");
    assert_eq!(down.matches("connects, is cut off").count(), 2);
    assert!(down.contains(">is down for 2 attempts<"));
    let twice = between(&page, "id=\"c5\"", "What was expected");
    assert_eq!(
        twice.matches("ev request cited").count(),
        2,
        "both messages are marked"
    );
}

#[test]
fn messages_stand_in_the_form_that_their_readers_know() {
    let page = render(&sample());
    let message = between(
        &page,
        "PUT /Patient?identifier=W4711</b></summary>",
        "</details>",
    );
    assert!(
        message.contains("<b>PUT /Patient?identifier=W4711 HTTP/1.1</b>"),
        "{message}"
    );
    assert!(message.contains("<i>host: ehr.local</i>"), "{message}");
    assert!(
        message
            .contains("<code class=\"json\">{\n  &quot;resourceType&quot;: &quot;Patient&quot;,\n"),
        "{message}"
    );
    let message = between(&page, "<b>ADT^A04^ADT_A01</b></summary>", "</details>");
    assert!(message.contains("|P|2.5.1␍\nEVN|A04|"), "{message}");
}

#[test]
fn a_run_without_traffic_still_has_a_page() {
    let sample = sample();
    let page = html::render(&sample.summary, &Traffic::none());
    assert!(page.contains("4 of 8 cases failed, 2 could not be judged"));
    assert!(!page.contains("On the wire"));
    is_well_formed(
        body(&page)
            .strip_suffix("</main>")
            .expect("the end of the body"),
    );
}

#[test]
fn a_page_that_fills_up_says_less_and_counts_the_rest() {
    const MAX: usize = 1_000_000;
    let mut sample = sample();
    let (failed, passed) = (
        sample.row("duplicate").clone(),
        sample.row("partner down").clone(),
    );
    let rows = (0..1_200).map(|index| CaseRow {
        index,
        ..if index % 300 == 0 {
            failed.clone()
        } else {
            passed.clone()
        }
    });
    sample.summary.cases = rows.collect();
    let page = sample.with_traffic(|traffic| html::render_within(&sample.summary, traffic, MAX));
    assert!(page.len() < MAX + MAX / 5, "{}", page.len());
    // The failures come first and whole.
    assert_eq!(page.matches("<details class=\"case fail\"").count(), 4);
    let last_failure = page
        .rfind("<details class=\"case fail\"")
        .expect("failures");
    let first_pass = page.find("<details class=\"case pass\"").expect("passes");
    assert!(last_failure < first_pass);
    assert!(page.contains("more cases are left out of this page for its size"));
    links_lead_somewhere(&page);
}
