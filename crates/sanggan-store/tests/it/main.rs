//! The store on both databases.

mod files;
mod people;
mod registers;

use sanggan_store::Store;
use sanggan_testkit::Base;

/// What the base says to a statement that goes past the store.
async fn refusal(base: &Base, sql: &'static str) -> String {
    let done = if base.is_postgres() {
        let pool = sqlx::PgPool::connect(base.url()).await.expect("connects");
        sqlx::query(sql).execute(&pool).await.map(drop)
    } else {
        let pool = sqlx::SqlitePool::connect(base.url()).await.expect("connects");
        sqlx::query(sql).execute(&pool).await.map(drop)
    };
    done.expect_err("refused").to_string()
}

async fn open(base: &Base) -> Store {
    Store::connect(base.url(), base.folder()).await.expect("opens")
}
