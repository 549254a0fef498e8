//! Reading what changed since a mark.
//!
//! A window begins `lag` behind the mark and is closed by the snapshot in which
//! it is read: keys, bounds and rows are one state of the database. What does
//! not fit in one chunk follows in pages ordered by (changed-at, key), up to the
//! highest changed-at that the first snapshot had. The lower bound is inclusive,
//! so rows that share the bound's instant are read again rather than lost, until
//! the bound has settled: then only what changed after it is read, so that a
//! register of which a million rows share one instant is not read all over in
//! each pass. All comparing is the source's, in its own type.

use std::collections::BTreeSet;

use super::Error;
use super::bound::{Mark, behind, clamped};
use super::pass::{Pass, Window};
use crate::mapping::{Condition, Cursor, Mode, WatchPlan, bind_of, key_text};
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
    /// Whether rows of the very bound are left out.
    is_open: bool,
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
        let is_open = mark.is_settled(cursor.lag, lag, self.began.as_microsecond());
        let step_back =
            |bound| if is_open { Bind::clone(bound) } else { behind(bound, cursor.lag, lag) };
        let from = mark.bound.as_ref().map(step_back);
        let mut reach = Reach { from, is_open, ..Reach::default() };
        loop {
            self.stop_if_asked()?;
            self.session.begin().await?;
            let page = self.read_page(cursor, watch, &mut reach).await;
            if page.as_ref().is_err_and(SourceError::is_of_a_row) {
                self.session.end().await?;
                return Ok(Window::Unreadable);
            }
            let Some(page) = self.unless_slow(page).await? else { continue };
            let plan = self.plan;
            let rows = match plan.read_among(self.session, &page.keys).await {
                Err(error) if error.is_of_a_row() => Ok(None),
                rows => rows.map(Some),
            };
            let Some(rows) = self.unless_slow(rows).await? else { continue };
            let held = self.session.end().await?;
            let done = !page.is_full;
            let end = page.last.or(reach.behind.take());
            let Some((changed_at, _)) = &end else { return self.nothing_since(index, mark).await };
            // Only the end of the window is a mark: a page on the way is not, since
            // rows may still be committed behind it.
            let end_mark = done.then(|| (table.clone(), self.mark(cursor, changed_at, mark)));
            if let Some(rows) = rows {
                self.apply_among(&page.keys, &rows, end_mark).await?;
                self.pace(rows.rows(), held).await?;
            } else {
                // A row stops the query: the others are read without it.
                self.reread(&page.keys).await?;
                self.apply(Vec::new(), end_mark).await?;
            }
            if done {
                return Ok(Window::Read);
            }
            reach.behind = end;
        }
    }

    /// One page of keys, in the open snapshot.
    async fn read_page(
        &mut self,
        cursor: &Cursor,
        watch: &WatchPlan,
        reach: &mut Reach,
    ) -> Result<Page, SourceError> {
        let page = self.page(cursor, watch, reach).await?;
        if page.is_full && reach.to.is_none() {
            reach.to = self.newest_of(cursor, watch, reach.from.as_ref()).await?;
        }
        Ok(page)
    }

    /// What it means that no row was found: not even the one that set the mark is
    /// there any more, or nothing has changed since it.
    async fn nothing_since(&mut self, index: usize, mark: &Mark) -> Result<Window, Error> {
        let Some((cursor, watch)) = self.cursor(index) else { return Ok(Window::Read) };
        if mark.bound.is_none() {
            return Ok(Window::Read);
        }
        self.session.begin().await?;
        let newest = self.newest_of(cursor, watch, mark.bound.as_ref()).await?;
        self.session.end().await?;
        Ok(if newest.is_some() { Window::Read } else { Window::WentBack })
    }

    /// The mark of a window that ended at a changed-at.
    fn mark(&self, cursor: &Cursor, changed_at: &Bind, before: &Mark) -> String {
        let mapping = &self.context.mapping;
        let bound = clamped(changed_at, cursor.lag, self.began, &mapping.zone);
        let mark = if bound == *changed_at {
            before.moved_to(bound, self.began.as_microsecond())
        } else {
            Mark::new(&mapping.id, Some(bound), before.read_all_us)
        };
        mark.to_text()
    }

    /// The mark of a watched table that is read whole: its highest changed-at, cut
    /// at the instant at which the pass began; without a bound for an empty table.
    /// In the open snapshot.
    pub(super) async fn newest(&mut self, index: usize) -> Result<Mark, SourceError> {
        let began_us = self.began.as_microsecond();
        let mark = |bound| Mark::new(&self.context.mapping.id, bound, began_us);
        let Some((cursor, watch)) = self.cursor(index) else { return Ok(mark(None)) };
        let Some(newest) = self.newest_of(cursor, watch, None).await? else {
            return Ok(mark(None));
        };
        let bound = clamped(&newest, cursor.lag, self.began, &self.context.mapping.zone);
        let is_whole = bound == newest;
        let mark = mark(Some(bound));
        Ok(if is_whole { mark.seen_at(began_us) } else { mark })
    }

    fn cursor(&self, index: usize) -> Option<(&'a Cursor, &'a WatchPlan)> {
        let (record, plan) = (self.record, self.plan);
        match &record.watches[index].mode {
            Mode::Diff | Mode::Triggers(_) | Mode::Log(_) => None,
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
        cursor.keys.write(
            &mut statement,
            Condition::Changed { changed_at, from, is_open: false, to: None },
        );
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
        // Within the bound's instant, the key decides which rows follow.
        let is_open = reach.is_open && reach.behind.is_none();
        let (changed_at, to) = (&watch.changed_at, reach.to.as_ref());
        cursor.keys.write(&mut statement, Condition::Changed { changed_at, from, is_open, to });
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
