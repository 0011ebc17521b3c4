//! One test, two databases.

use std::path::Path;

use tempfile::TempDir;

use crate::Postgres;

/// An empty database for one test, and a folder for its files. Gone with it.
#[derive(Debug)]
pub struct Base {
    url: String,
    folder: TempDir,
}

impl Base {
    /// A SQLite file.
    ///
    /// # Panics
    /// When no folder can be made.
    pub fn sqlite() -> Base {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Base { url: format!("sqlite:{}", folder.path().join("store.sqlite").display()), folder }
    }

    /// A PostgreSQL database.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    pub fn postgres() -> Base {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Base { url: Postgres::shared().fresh_database(), folder }
    }

    /// The address, as the store takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything it keeps, as bytes: the files, or what `pg_dump` writes of the database.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn contents(&self) -> Vec<u8> {
        if self.is_postgres() {
            return Postgres::shared().dump(&self.url);
        }
        let files = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let files = files.map(|file| std::fs::read(file.expect("a file").path()).expect("reads"));
        files.flatten().collect()
    }

    /// A folder for files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:")
    }
}

/// Makes a test for each database of every named `async fn(Base)` of this module.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::Base::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::Base::postgres()).await;
            })+
        }
    };
}
