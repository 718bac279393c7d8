//! Matching is measured by aspirations with graded kinds of venue.

use std::process::Command;

use tempfile::TempDir;

fn evaluate(folder: &TempDir, aspirations: &str) -> (bool, String) {
    let file = folder.path().join("aspirations.toml");
    std::fs::write(&file, aspirations).expect("a file");
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
        command.args(words).env_remove("DATABASE_URL").env_remove("MEILI_URL").env("LOG", "error");
        command.env("DATA_DIR", folder.path().join("data")).output().expect("it runs")
    };
    assert!(run(&["demo"]).status.success());
    let done = run(&["evaluate", "--worst", "1", &file.display().to_string()]);
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

#[test]
fn evaluating_says_how_near_the_first_places_are_to_the_best_there_are() {
    let folder = TempDir::new().expect("a folder");
    let right = "[[aspiration]]\nid = \"a\"\ntext = \"guitar rehearsal\"\nnear = \"SE29\"\ngrades = { rehearsal-studio = 3 }\n";
    let wrong =
        "[[aspiration]]\nid = \"b\"\ntext = \"guitar rehearsal\"\nnear = \"SE29\"\nindirect = true\ngrades = { library = 3 }\n";
    let (went_well, said) = evaluate(&folder, &format!("{right}{wrong}"));
    assert!(went_well, "{said}");
    let plain = said.lines().find(|line| line.starts_with("  plain")).expect("a line");
    assert!(plain.contains("precision@5 1.000") && plain.contains("1 aspirations"), "{said}");
    let indirect = said.lines().find(|line| line.starts_with("  indirect")).expect("a line");
    assert!(indirect.contains("nDCG@10 0.0"), "{said}");
    assert!(said.contains("b: guitar rehearsal"), "the worst is shown: {said}");
}

#[test]
fn an_aspiration_from_nowhere_is_named() {
    let folder = TempDir::new().expect("a folder");
    let (went_well, said) = evaluate(&folder, "[[aspiration]]\nid = \"lost\"\ntext = \"guitar\"\nnear = \"ZZ99 9ZZ\"\n");
    assert!(!went_well && said.contains("lost: no such place as ZZ99 9ZZ"), "{said}");
}
