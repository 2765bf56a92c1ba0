//! The rules as their callers see them, on SQLite and on PostgreSQL.

mod filters;
mod house;
mod newcomers;
mod sorting;

/// Makes two tests of each function: in a fresh house on SQLite, and in one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::house::House::sqlite().await).await;
            }
        )+ }

        mod on_postgres { $(
            #[cfg_attr(not(feature = "postgres-tests"), ignore = "needs PostgreSQL: cargo xtask test runs it")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::house::House::postgres().await).await;
            }
        )+ }
    };
}
pub(crate) use on_both;
