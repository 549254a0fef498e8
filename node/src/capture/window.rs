//! Reading what changed since a mark.
//!
//! A window begins `lag` behind the mark and is closed by the snapshot in which
//! it is read: keys, bounds and rows are one state of the database. What does
//! not fit in one chunk follows in pages ordered by (changed-at, key), up to the
//! highest changed-at that the first snapshot had. The lower bound is inclusive,
//! so rows that share the bound's instant are read again rather than lost. All
//! comparing is the source's, in its own type.

use std::collections::BTreeSet;

use super::Error;
use super::bound::{Mark, behind, clamped};
use super::pass::{Pass, Window};
use crate::mapping::{Condition, Cursor, Mode, Read, WatchPlan, bind_of, key_text};
use crate::source::{Bind, Error as SourceError, Statement};

/// One page of nominated keys.
struct Page {
    /// Parent keys, each once.
    keys: Vec<String>,
    /// Changed-at and key of the last row.
    last: Option<(Bind, Bind)>,
    /// Whether more may follow.
    is_full: bool,
}

/// Where a page begins and ends.
#[derive(Default)]
struct Reach {
    from: Option<Bind>,
    to: Option<Bind>,
    behind: Option<(Bind, Bind)>,
}

impl<'a> Pass<'a> {
    /// Reads the rows nominated by one watched table since its mark.
    pub(super) async fn window(&mut self, index: usize, mark: &Mark) -> Result<Window, Error> {
        let record = self.record;
        let Some((cursor, watch)) = self.cursor(index) else { return Ok(Window::Read) };
        let table = &record.watches[index].table;
        let lag = self.context.settings.lag;
        let from = mark.bound.as_ref().map(|bound| behind(bound, cursor.lag, lag));
        let mut reach = Reach { from, ..Reach::default() };
        loop {
            self.stop_if_asked()?;
            self.session.begin().await?;
            let read = self.read_page(cursor, watch, &mut reach).await;
            let Some((page, rows)) = self.unless_slow(read).await? else { continue };
            let held = self.session.end().await?;
            let done = !page.is_full;
            let end = page.last.or(reach.behind.take());
            // Nothing at all since before the mark, not even the row that set it.
            let Some((changed_at, _)) = &end else { return Ok(Window::empty_since(mark)) };
            // Only the end of the window is a mark: a page on the way is not, since
            // rows may still be committed behind it.
            let end_mark =
                done.then(|| (table.clone(), self.mark(cursor, changed_at, mark.read_all_us)));
            self.apply_among(&page.keys, &rows, end_mark).await?;
            self.pace(rows.rows(), held).await?;
            if done {
                return Ok(Window::Read);
            }
            reach.behind = end;
        }
    }

    /// One page and its rows, in the open snapshot.
    async fn read_page(
        &mut self,
        cursor: &Cursor,
        watch: &WatchPlan,
        reach: &mut Reach,
    ) -> Result<(Page, Read), SourceError> {
        let page = self.page(cursor, watch, reach).await?;
        if page.is_full && reach.to.is_none() {
            reach.to = self.newest_of(cursor, watch, reach.from.as_ref()).await?;
        }
        let plan = self.plan;
        let rows = plan.read_among(self.session, &page.keys).await?;
        Ok((page, rows))
    }

    /// The mark of a window that ended at a changed-at.
    fn mark(&self, cursor: &Cursor, changed_at: &Bind, read_all_us: i64) -> String {
        let mapping = &self.context.mapping;
        let bound = clamped(changed_at, cursor.lag, self.began, &mapping.zone);
        Mark::new(&mapping.id, Some(bound), read_all_us).to_text()
    }

    /// The highest changed-at of a watched table, cut at the instant at which the
    /// pass began; none for an empty table. In the open snapshot.
    pub(super) async fn newest(&mut self, index: usize) -> Result<Option<Bind>, Error> {
        let Some((cursor, watch)) = self.cursor(index) else { return Ok(None) };
        let newest = self.newest_of(cursor, watch, None).await?;
        let zone = &self.context.mapping.zone;
        Ok(newest.map(|bound| clamped(&bound, cursor.lag, self.began, zone)))
    }

    fn cursor(&self, index: usize) -> Option<(&'a Cursor, &'a WatchPlan)> {
        let (record, plan) = (self.record, self.plan);
        match &record.watches[index].mode {
            Mode::Diff | Mode::Triggers(_) => None,
            Mode::Cursor(cursor) => plan.watch(index).map(|watch| (cursor, watch)),
        }
    }

    async fn newest_of(
        &mut self,
        cursor: &Cursor,
        watch: &WatchPlan,
        from: Option<&Bind>,
    ) -> Result<Option<Bind>, SourceError> {
        let kind = self.session.kind();
        let newest = kind.as_text("MAX(rmd_keys.\"_changed_at\")");
        let mut statement = Statement::new(kind);
        statement.push("SELECT ").push(&newest).push(" AS \"_newest\" FROM (\n");
        let changed_at = &watch.changed_at;
        cursor.keys.write(&mut statement, Condition::Changed { changed_at, from, to: None });
        statement.push("\n) AS rmd_keys");
        let rows = self.session.fetch(&statement, 1).await?.rows;
        Ok(rows.first().and_then(|row| changed_at.bound(kind, row.cells.first()?)))
    }

    /// The next page of parent keys, in the order of the source.
    async fn page(
        &mut self,
        cursor: &Cursor,
        watch: &WatchPlan,
        reach: &Reach,
    ) -> Result<Page, SourceError> {
        let kind = self.session.kind();
        let limit = self.keys();
        let mut statement = Statement::new(kind);
        // Under a name of its own, so that the order below is that of the source's
        // type and not of the text.
        let text = kind.as_text("rmd_keys.\"_changed_at\"");
        statement.push("SELECT rmd_keys.\"_key\", ").push(&text);
        statement.push(" AS \"_changed_text\" FROM (\n");
        let from = reach.behind.as_ref().map(|(changed_at, _)| changed_at).or(reach.from.as_ref());
        cursor.keys.write(
            &mut statement,
            Condition::Changed { changed_at: &watch.changed_at, from, to: reach.to.as_ref() },
        );
        statement.push("\n) AS rmd_keys WHERE rmd_keys.\"_key\" IS NOT NULL");
        statement.push(" AND rmd_keys.\"_changed_at\" IS NOT NULL");
        if let Some((changed_at, key)) = &reach.behind {
            let (at, of) = (watch.outer_changed_at.cast(), watch.outer_key.cast());
            statement.push(" AND (rmd_keys.\"_changed_at\" > ").bind(changed_at.clone(), at);
            statement.push(" OR (rmd_keys.\"_changed_at\" = ").bind(changed_at.clone(), at);
            statement.push(" AND rmd_keys.\"_key\" > ").bind(key.clone(), of).push("))");
        }
        statement.push(" ORDER BY rmd_keys.\"_changed_at\", rmd_keys.\"_key\" LIMIT ");
        statement.push_number(limit);
        let rows = self.session.fetch(&statement, limit).await?.rows;
        let keys: BTreeSet<String> =
            rows.iter().filter_map(|row| key_text(&row.cells[0])).collect();
        let last = rows.last().and_then(|row| {
            Some((watch.changed_at.bound(kind, &row.cells[1])?, bind_of(&row.cells[0])?))
        });
        Ok(Page { keys: keys.into_iter().collect(), last, is_full: rows.len() == limit })
    }
}
