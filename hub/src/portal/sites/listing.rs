//! Which sites stand on a page.
//!
//! Memory is that of a page or of a chunk, however many sites there are. A page
//! of all sites comes straight out of the store. The effective status stands in
//! no table, because it depends on the day: a list filtered by it is computed
//! chunk by chunk, and only the wanted page is kept.

use rmd_standard::effective::Effective;

use crate::{
    portal::{Error, State},
    share::{
        decision,
        site::{self, Listed, Site},
    },
};

/// Sites whose status is computed at a time.
const CHUNK: u32 = 512;

/// A site with its effective status; none if it is void.
pub(super) type Computed = (Site, Option<Effective>);

/// One page of a list.
pub(super) struct Shown {
    pub(super) sites: Vec<Computed>,
    /// Sites in the whole list.
    pub(super) total: u64,
    /// Number of the page, from 1.
    pub(super) page: u64,
    /// Pages, at least 1.
    pub(super) pages: u64,
}

/// Reads the page that was asked for; the last one if there are fewer.
pub(super) async fn read(
    state: &State,
    country: Option<&str>,
    status: Option<&str>,
    page: &str,
) -> Result<Shown, Error> {
    let page = page.parse().unwrap_or(1).max(1);
    match status {
        None => unfiltered(state, Listed(country), page).await,
        Some(status) => filtered(state, Listed(country), status, page).await,
    }
}

async fn unfiltered(state: &State, listed: Listed<'_>, page: u64) -> Result<Shown, Error> {
    let size = state.site.portal.page_size;
    let mut connection = state.store.acquire().await?;
    let total = site::count(&mut connection, listed).await?.unsigned_abs();
    let pages = pages(total, size);
    let page = page.min(pages);
    let number = (page - 1) * u64::from(size);
    let sites = site::from(&mut connection, listed, number, size).await?;
    let sites = compute(state, &mut connection, sites).await?;
    Ok(Shown { sites, total, page, pages })
}

async fn filtered(
    state: &State,
    listed: Listed<'_>,
    status: &str,
    page: u64,
) -> Result<Shown, Error> {
    let size = state.site.portal.page_size;
    let mut window = Window::new(page, size.into());
    let mut place = None;
    loop {
        // Given back between chunks: a long list keeps nobody waiting.
        let mut connection = state.store.acquire().await?;
        let chunk = site::after(&mut connection, listed, place.as_ref(), CHUNK).await?;
        let Some(last) = chunk.last() else { break };
        place = Some(last.place());
        let mut matching = compute(state, &mut connection, chunk).await?;
        matching.retain(|(_, effective)| {
            effective.as_ref().is_some_and(|effective| decision::word(effective.status) == status)
        });
        for computed in matching {
            window.push(computed);
        }
    }
    let Window { sites, total, .. } = window;
    let pages = pages(total, size);
    Ok(Shown { sites, total, page: page.min(pages), pages })
}

/// The sites of the wanted page out of a list that goes by; of the last page, if
/// the list is shorter.
struct Window {
    sites: Vec<Computed>,
    total: u64,
    size: u64,
    /// Sites up to the end of the wanted page.
    end: u64,
}

impl Window {
    fn new(page: u64, size: u64) -> Self {
        Self { sites: Vec::new(), total: 0, size, end: page.saturating_mul(size) }
    }

    fn push(&mut self, computed: Computed) {
        if self.total < self.end {
            if self.total.is_multiple_of(self.size) {
                self.sites.clear();
            }
            self.sites.push(computed);
        }
        self.total += 1;
    }
}

async fn compute(
    state: &State,
    connection: &mut sqlx::AnyConnection,
    sites: Vec<Site>,
) -> Result<Vec<Computed>, Error> {
    let (day, now) = (state.clock.today(), state.clock.now());
    let keys: Vec<&str> = sites.iter().map(|site| site.record_key.as_str()).collect();
    let decisions = decision::of_sites(connection, &keys).await?;
    let computed = sites.into_iter().map(|site| {
        let own = decisions.get(&site.record_key).map_or(&[][..], Vec::as_slice);
        let effective = (!site.is_void).then(|| site.effective(own, day, now, &state.policy));
        (site, effective)
    });
    Ok(computed.collect())
}

fn pages(total: u64, size: u32) -> u64 {
    total.div_ceil(size.into()).max(1)
}
