//! The catalogues that are measured on: published files, imported into folders that are kept while the files stay as they are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    process::{self, Run},
    site::{self, command},
};

/// Which files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 19,396 rows of London.
    London,
    /// 177,739 rows of Great Britain.
    Britain,
}

/// What it took to fill a folder.
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    /// Reading the files into the database.
    pub import: Run,
    /// Making the index.
    pub index: Run,
}

impl Size {
    /// Its name in keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::London => "london",
            Self::Britain => "britain",
        }
    }

    /// How many rows, in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::London => "19,396 rows",
            Self::Britain => "177,739 rows",
        }
    }

    fn names(self) -> [&'static str; 2] {
        match self {
            Self::London => ["london-venues-ogl.csv", "london-venues-odbl.csv"],
            Self::Britain => ["scale-ogl.csv.gz", "scale-odbl.csv.gz"],
        }
    }

    /// The files of venues.
    pub fn files(self) -> Vec<PathBuf> {
        self.names().iter().map(|name| data().join(name)).collect()
    }

    /// A folder that holds this catalogue, filled now if there is none.
    pub fn folder(self) -> PathBuf {
        let folder = site::folder().join(self.code());
        if fs::read_to_string(folder.join("made-from")).ok() != Some(self.made_from()) {
            eprintln!("importing {} into {}", self.label(), folder.display());
            self.fill();
        }
        folder
    }

    /// Fills the folder anew.
    pub fn fill(self) -> Filled {
        let folder = site::folder().join(self.code());
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the old folder goes");
        }
        fs::create_dir_all(&folder).expect("a folder");
        let import = self.import(&folder, None);
        let index = process::run(&mut command(&folder, None, &["reindex"]));
        fs::write(folder.join("made-from"), self.made_from()).expect("a file");
        Filled { import, index }
    }

    /// Imports the postcodes and then, measured, the venues.
    pub fn import(self, folder: &Path, database: Option<&str>) -> Run {
        process::run(command(folder, database, &["import", "postcodes"]).arg(data().join(POSTCODES)));
        process::run(command(folder, database, &["import", "venues"]).args(self.files()))
    }

    /// What the folder's contents depend on.
    fn made_from(self) -> String {
        let files = self.files().into_iter().chain([data().join(POSTCODES)]);
        let lines = files.map(|path| {
            let about = fs::metadata(&path).expect("a file");
            format!("{} {} {:?}\n", path.display(), about.len(), about.modified().ok())
        });
        lines.collect()
    }
}

const POSTCODES: &str = "postcodes_london.csv.gz";

/// Where the published files are: `data` in `FOOTBRIDGE_SHARED`, or beside the project.
pub fn data() -> PathBuf {
    let shared = std::env::var_os("FOOTBRIDGE_SHARED").map(PathBuf::from);
    shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")).join("data")
}

/// Whether the published files are there.
pub fn is_there() -> bool {
    data().join(POSTCODES).exists()
}

/// The file of postcodes.
pub fn postcodes() -> PathBuf {
    data().join(POSTCODES)
}
