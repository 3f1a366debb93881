//! What one unit of work does with its database connections beside asking: opening them, and keeping transactions open.

use observation::{Connection, StringId};

use crate::active::QueryEntry;
use crate::registry::ChainNumber;

/// Connections and transactions that are kept of one unit of work.
const KEPT_MAX: usize = 256;

/// A transaction that was open without a query for less is not kept.
const IDLE_NS_MIN: u64 = 1_000_000;

/// Those of one unit of work.
#[derive(Default)]
pub(crate) struct Connections {
    opened: Vec<Connection>,
    open_blocks: Vec<OpenBlock>,
    blocks: Vec<Block>,
}

/// A transaction that was begun.
pub(crate) struct OpenBlock {
    /// Address of the connection.
    pub(crate) connection: usize,
    pub(crate) alias: u32,
    /// Where the outermost `atomic()` stands; zero when the project's code does not call it.
    pub(crate) position: ChainNumber,
    pub(crate) of_requests: bool,
    /// Queries before it.
    pub(crate) queries: usize,
}

/// A transaction that is over.
pub(crate) struct Block {
    pub(crate) alias: u32,
    pub(crate) position: ChainNumber,
    pub(crate) of_requests: bool,
    pub(crate) open_ns: u64,
    pub(crate) idle_ns: u64,
}

impl Connections {
    /// A connection that had been closed was opened again.
    pub(crate) fn reopened(&mut self, alias: u32, duration_ns: u64) {
        if self.opened.len() < KEPT_MAX {
            self.opened.push(Connection { alias: StringId(alias), duration_ns });
        }
    }

    /// A transaction begins.
    pub(crate) fn begin(&mut self, block: OpenBlock) {
        if self.open_blocks.len() < KEPT_MAX {
            self.open_blocks.push(block);
        }
    }

    /// A transaction is over, so many microseconds after the unit of work began.
    ///
    /// The database opens it at the first query, whatever was done before.
    pub(crate) fn end(&mut self, connection: usize, now_us: u32, queries: &[QueryEntry]) {
        let Some(at) = self.open_blocks.iter().rposition(|block| block.connection == connection) else {
            return;
        };
        let block = self.open_blocks.remove(at);
        let own = || queries[block.queries..].iter().filter(|query| query.alias == block.alias);
        let Some(first) = own().next() else { return };
        let open_ns = u64::from(now_us.saturating_sub(first.offset_us)) * 1_000;
        let idle_ns = open_ns.saturating_sub(own().map(|query| query.duration_ns).sum());
        if idle_ns >= IDLE_NS_MIN && self.blocks.len() < KEPT_MAX {
            // A savepoint of the framework has no place of its own.
            let placed = || own().map(|query| query.position).find(|position| *position != 0);
            let position = if block.position == 0 { placed().unwrap_or(0) } else { block.position };
            let OpenBlock { alias, of_requests, .. } = block;
            self.blocks.push(Block { alias, position, of_requests, open_ns, idle_ns });
        }
    }

    /// Connections that were opened again.
    pub(crate) fn opened(&self) -> &[Connection] {
        &self.opened
    }

    /// Transactions that are over.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}
