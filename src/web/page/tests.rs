//! Every template, in each of its states: well made, and easy to read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may stop")]

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};

use super::{
    Frame, Page, Templates,
    reading_age::{flesch_kincaid, our_sentences},
};

/// One rendered sample: the template, its number, and the HTML.
struct Rendered {
    name: String,
    html: String,
}

fn render_all<P: Page>(templates: &Templates, into: &mut Vec<Rendered>) {
    let samples = P::samples();
    assert!(!samples.is_empty(), "{} has no samples", P::TEMPLATE);
    for (at, sample) in samples.iter().enumerate() {
        let home = (at % 2 == 1).then_some(("/account", "Your account"));
        let frame = Frame { path: "/venues".to_owned(), demo: at % 2 == 0, home };
        let html = templates.render(&frame, sample).unwrap_or_else(|cause| panic!("{}: {cause}", P::TEMPLATE));
        into.push(Rendered { name: format!("{}-{at}.html", P::TEMPLATE.trim_end_matches(".html")), html });
    }
}

fn every_page() -> Vec<Rendered> {
    let templates = Templates::load().expect("templates load");
    let mut pages = Vec::new();
    render_all::<crate::search::pages::Home>(&templates, &mut pages);
    render_all::<crate::web::views::results::Results>(&templates, &mut pages);
    render_all::<crate::matching::pages::WishPage>(&templates, &mut pages);
    render_all::<crate::venues::pages::VenuePage>(&templates, &mut pages);
    render_all::<crate::venues::pages::Shortlist>(&templates, &mut pages);
    render_all::<crate::web::plain::About>(&templates, &mut pages);
    render_all::<crate::web::plain::Accessibility>(&templates, &mut pages);
    render_all::<crate::web::plain::Privacy>(&templates, &mut pages);
    render_all::<crate::web::plain::Cookies>(&templates, &mut pages);
    render_all::<crate::web::plain::ErrorPage>(&templates, &mut pages);
    render_all::<crate::web::plain::ApiPage>(&templates, &mut pages);
    render_all::<crate::web::form_page::FormPage>(&templates, &mut pages);
    render_all::<crate::accounts::pages::SetUpPage>(&templates, &mut pages);
    render_all::<crate::accounts::pages::CodesPage>(&templates, &mut pages);
    render_all::<crate::accounts::pages::AccountPage>(&templates, &mut pages);
    render_all::<crate::accounts::pages::AccountsPage>(&templates, &mut pages);
    render_all::<crate::accounts::pages::OnePage>(&templates, &mut pages);
    render_all::<crate::desks::DeskPage>(&templates, &mut pages);
    render_all::<crate::desks::RecordPage>(&templates, &mut pages);
    render_all::<crate::desks::CardPage>(&templates, &mut pages);
    render_all::<crate::desks::PathPage>(&templates, &mut pages);
    render_all::<crate::desks::PlacesPage>(&templates, &mut pages);
    render_all::<crate::desks::AgreedPage>(&templates, &mut pages);
    render_all::<crate::desks::LookedPage>(&templates, &mut pages);
    render_all::<crate::desks::WrittenPage>(&templates, &mut pages);
    render_all::<crate::desks::PeersPage>(&templates, &mut pages);
    render_all::<crate::desks::ListPage>(&templates, &mut pages);
    render_all::<crate::desks::DownloadPage>(&templates, &mut pages);
    render_all::<crate::mail::pages::PostPage>(&templates, &mut pages);
    render_all::<crate::mail::pages::LetterPage>(&templates, &mut pages);
    render_all::<crate::mail::pages::FailedPage>(&templates, &mut pages);
    render_all::<crate::retention::pages::RetentionPage>(&templates, &mut pages);
    render_all::<crate::retention::pages::SoonPage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::WhoPage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::Question>(&templates, &mut pages);
    render_all::<crate::referrals::pages::CheckPage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::ThanksPage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::IntakePage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::ReferralPage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::AllocatePage>(&templates, &mut pages);
    render_all::<crate::referrals::pages::JoinPage>(&templates, &mut pages);
    pages
}

fn select<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(css).unwrap()).collect()
}

#[test]
fn every_template_is_rendered_by_a_sample() {
    let names: HashSet<String> = every_page().iter().map(|page| page.name.rsplit_once('-').unwrap().0.to_owned()).collect();
    for file in super::Files::iter().filter(|name| super::is_page(name) && !matches!(name.as_ref(), "base.html" | "parts.html")) {
        assert!(names.contains(file.trim_end_matches(".html")), "{file} has no page");
    }
}

#[test]
fn every_page_has_one_heading_a_language_and_a_title() {
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        assert_eq!(select(&page, "h1").len(), 1, "{name}: one h1");
        assert_eq!(select(&page, "main").len(), 1, "{name}: one main");
        assert_eq!(select(&page, "html[lang='en-GB']").len(), 1, "{name}: language");
        let title: String = select(&page, "title")[0].text().collect();
        assert!(title.ends_with("Footbridge") && title.len() > 15, "{name}: title `{title}`");
    }
}

#[test]
fn the_title_says_so_where_something_is_to_be_put_right() {
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        let title: String = select(&page, "title")[0].text().collect();
        let wrong = !select(&page, ".govuk-error-summary").is_empty();
        assert_eq!(title.starts_with("Problem: "), wrong, "{name}: `{title}`");
    }
}

#[test]
fn every_id_is_unique_and_every_reference_is_met() {
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        let mut ids = HashSet::new();
        for element in select(&page, "[id]") {
            assert!(ids.insert(element.attr("id").unwrap().to_owned()), "{name}: {:?} twice", element.attr("id"));
        }
        for attribute in ["aria-describedby", "aria-labelledby", "for"] {
            for element in select(&page, &format!("[{attribute}]")) {
                for id in element.attr(attribute).unwrap().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {attribute}={id} points nowhere");
                }
            }
        }
        for link in select(&page, "a[href^='#']") {
            assert!(ids.contains(&link.attr("href").unwrap()[1..]), "{name}: {:?} points nowhere", link.attr("href"));
        }
    }
}

#[test]
fn every_field_has_a_label_and_its_error() {
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        for field in select(&page, "input:not([type=hidden]), select, textarea") {
            let id = field.attr("id").unwrap_or_else(|| panic!("{name}: a field without an id"));
            assert_eq!(select(&page, &format!("label[for='{id}']")).len(), 1, "{name}: label of {id}");
        }
        for field in select(&page, "[aria-invalid=true]") {
            let id = field.attr("id").unwrap();
            assert!(
                field.attr("aria-describedby").is_some_and(|by| by.contains(&format!("{id}-error"))),
                "{name}: error of {id}"
            );
            assert_eq!(select(&page, &format!(".govuk-error-summary a[href='#{id}']")).len(), 1, "{name}: summary of {id}");
        }
        for fieldset in select(&page, "fieldset") {
            assert_eq!(fieldset.select(&Selector::parse("legend").unwrap()).count(), 1, "{name}: legend");
        }
        for table in select(&page, "table") {
            assert_eq!(table.select(&Selector::parse("caption").unwrap()).count(), 1, "{name}: caption");
        }
    }
}

#[test]
fn nothing_needs_what_the_content_policy_forbids() {
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        assert!(select(&page, "[style], style").is_empty(), "{name}: inline style");
        assert!(select(&page, "script:not([src]):not([type='application/json'])").is_empty(), "{name}: inline script");
        for element in page.tree.nodes().filter_map(|node| node.value().as_element()) {
            for (attribute, value) in element.attrs() {
                assert!(!attribute.starts_with("on"), "{name}: {attribute}");
                assert!(!value.starts_with("data:") && !value.starts_with("javascript:"), "{name}: {attribute}={value}");
            }
        }
    }
}

#[test]
fn whoever_writes_more_than_a_line_is_told_who_can_read_it() {
    let mut seen = 0;
    for Rendered { name, html } in every_page() {
        let page = Html::parse_document(&html);
        for area in select(&page, "textarea") {
            let ids = area.value().attr("aria-describedby").unwrap_or_default().split_whitespace();
            let hints: String = ids.flat_map(|id| select(&page, &format!("#{id}"))).flat_map(|hint| hint.text()).collect();
            // A wish on the front page is kept nowhere.
            let told = ["read it", "reads it", "read this", "read all", "don’t keep"].iter().any(|words| hints.contains(words));
            assert!(told, "{name}: {:?} doesn’t say who can read it: {hints}", area.value().id());
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn text_from_outside_is_escaped() {
    let templates = Templates::load().unwrap();
    let mut page = crate::web::views::results::Results::samples().remove(1);
    page.heading = "<b>&\"'".to_owned();
    page.map.as_mut().unwrap().data.pins[0].name = "</script><script>alert(1)</script>".to_owned();
    let html = templates.render(&Frame::default(), &page).unwrap();
    assert!(!html.contains("<b>&") && !html.contains("<script>alert"), "escaped");
    let parsed = Html::parse_document(&html);
    let data: String = select(&parsed, "#map-data")[0].text().collect();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["pins"][0]["name"], "</script><script>alert(1)</script>");
}

#[test]
fn every_page_reads_at_grade_six_or_less() {
    for Rendered { name, html } in every_page() {
        let sentences = our_sentences(&Html::parse_document(&html));
        assert!(sentences.len() > 15, "{name}: our own words are missing");
        let grade = flesch_kincaid(&sentences);
        assert!(grade <= 6.0, "{name} reads at grade {grade:.1}: {sentences:#?}");
    }
}

#[test]
fn hard_words_are_told_from_plain_ones() {
    let grade = |text: &str| flesch_kincaid(&[text.to_owned()]);
    assert!(grade("You can go alone or bring a friend") < 3.0);
    assert!(grade("Eligibility determinations necessitate supplementary documentation from participating organisations") > 15.0);
}
