//! Links in a narrative: `<a href="…">` and `<img src='…'>` (FHIR R4, narrative).

/// The narrative with every link that `resolve` knows replaced; none where it knows none. Goes over the text once.
pub(super) fn relinked(html: &str, resolve: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (mut whole, mut copied) = (String::new(), 0);
    each_link(html, &mut |start, end| {
        if let Some(resolved) = resolve(&html[start..end]) {
            whole.push_str(&html[copied..start]);
            whole.push_str(&resolved);
            copied = end;
        }
    });
    if copied == 0 {
        return None;
    }
    whole.push_str(&html[copied..]);
    Some(whole)
}

/// Hands out where every link begins and ends.
fn each_link(html: &str, found: &mut dyn FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(open) = html[at..].find('<') {
        at += open + 1;
        if let Some(comment) = html[at..].strip_prefix("!--") {
            let Some(length) = comment.find("-->") else {
                return;
            };
            at += "!--".len() + length + "-->".len();
            continue;
        }
        let Some(end) = tag(html, at, found) else {
            return;
        };
        at = end;
    }
}

/// Goes over one tag from behind its `<`: where it ends, or none where it does not.
fn tag(html: &str, start: usize, found: &mut dyn FnMut(usize, usize)) -> Option<usize> {
    let name_ends = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
    let mut at = start + html[start..].find(name_ends)?;
    let wanted = match &html[start..at] {
        name if name.eq_ignore_ascii_case("a") => "href",
        name if name.eq_ignore_ascii_case("img") => "src",
        _ => "",
    };
    loop {
        // What stands between attributes, a stray sign among them.
        at = skip(html, at, |c| {
            c.is_ascii_whitespace() || matches!(c, '/' | '=')
        });
        if html[at..].starts_with('>') {
            return Some(at + 1);
        }
        let name = at;
        at += html[at..].find(name_ends)?;
        let is_wanted = html[name..at].eq_ignore_ascii_case(wanted);
        let behind = skip(html, at, |c| c.is_ascii_whitespace());
        let Some(value) = html[behind..].strip_prefix('=') else {
            continue;
        };
        at = skip(html, html.len() - value.len(), |c| c.is_ascii_whitespace());
        let Some(quote) = html[at..]
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''))
        else {
            // A value without quotes is no XHTML; it is passed over like a name.
            continue;
        };
        let from = at + 1;
        let to = from + html[from..].find(quote)?;
        if is_wanted {
            found(from, to);
        }
        at = to + 1;
    }
}

/// The first place from here where something else stands.
fn skip(html: &str, from: usize, passes: impl Fn(char) -> bool) -> usize {
    html.len() - html[from..].trim_start_matches(passes).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn relinked_of(html: &str) -> String {
        let resolve = |text: &str| (text == "urn:1").then(|| "Patient/7".to_owned());
        relinked(html, &resolve).unwrap_or_else(|| html.to_owned())
    }

    #[test]
    fn links_are_replaced_whichever_quotes_they_have() {
        for (html, expected) in [
            ("<a href=\"urn:1\">x</a>", "<a href=\"Patient/7\">x</a>"),
            ("<a href='urn:1'>x</a>", "<a href='Patient/7'>x</a>"),
            (
                "<div><img alt=\"a'b\" src = 'urn:1'/><img src=\"urn:1\" /></div>",
                "<div><img alt=\"a'b\" src = 'Patient/7'/><img src=\"Patient/7\" /></div>",
            ),
            ("<A HREF='urn:1'/>", "<A HREF='Patient/7'/>"),
        ] {
            assert_eq!(relinked_of(html), expected);
        }
    }

    #[test]
    fn what_only_looks_like_a_link_stays() {
        for html in [
            "<p>href=\"urn:1\"</p>",
            "<a title=\"href='urn:1'\">x</a>",
            "<a data-href=\"urn:1\"/>",
            "<a src=\"urn:1\"/>",
            "<!-- <a href=\"urn:1\"> -->",
            "<a href=\"urn:1",
            "<a href=urn:1>x</a>",
            "<a href=\"urn:2\"/>",
            "<a",
            "<",
            "",
        ] {
            assert_eq!(relinked_of(html), html);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_gone_over(html in "([<>='\"/ !é-]|a|img|href|src|urn:1){0,40}") {
            relinked_of(&html);
        }
    }
}
