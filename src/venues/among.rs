//! `column IN (...)` in a few lengths only, so that the database keeps the statements that it has prepared.

use diesel::{
    AppearsOnTable, Expression, QueryResult,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, Text},
};

/// Whether a column's text is one of these.
#[derive(Debug, Clone)]
pub(super) struct Among<'a, C> {
    column: C,
    texts: Vec<&'a String>,
}

impl<'a, C> Among<'a, C> {
    /// The last text is asked for again until there are as many as the next power of two.
    pub(super) fn new(column: C, texts: &'a [String]) -> Self {
        let again = texts.len().next_power_of_two() - texts.len();
        Self { column, texts: texts.iter().chain(texts.last().into_iter().cycle().take(again)).collect() }
    }
}

impl<C: Expression<SqlType = Text>> Expression for Among<'_, C> {
    type SqlType = Bool;
}

impl<C, Source> AppearsOnTable<Source> for Among<'_, C> where C: AppearsOnTable<Source> + Expression<SqlType = Text> {}

impl<C> ValidGrouping<()> for Among<'_, C> {
    type IsAggregate = is_aggregate::No;
}

impl<C> QueryId for Among<'_, C> {
    type QueryId = ();
    // Its length is part of the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, DB> QueryFragment<DB> for Among<'_, C>
where
    DB: Backend + HasSqlType<Text>,
    C: QueryFragment<DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        for (at, text) in self.texts.iter().enumerate() {
            out.push_sql(if at == 0 { " IN (" } else { ", " });
            out.push_bind_param::<Text, String>(text)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
