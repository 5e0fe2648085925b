//! Tab stops.

/// A stop every eight columns at first.
#[derive(Debug, Clone)]
pub(crate) struct Tabs {
    stops: Vec<bool>,
}

impl Tabs {
    pub(crate) fn new(cols: usize) -> Self {
        Self { stops: (0..cols).map(|col| col > 0 && col % 8 == 0).collect() }
    }

    pub(crate) fn resize(&mut self, cols: usize) {
        let known = self.stops.len().min(cols);
        self.stops.truncate(known);
        self.stops.extend((known..cols).map(|col| col > 0 && col % 8 == 0));
    }

    pub(crate) fn set(&mut self, col: usize, on: bool) {
        if let Some(stop) = self.stops.get_mut(col) {
            *stop = on;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.stops.fill(false);
    }

    pub(crate) fn next(&self, col: usize) -> Option<usize> {
        let rest = self.stops.get(col + 1..)?;
        rest.iter().position(|stop| *stop).map(|at| col + 1 + at)
    }

    pub(crate) fn previous(&self, col: usize) -> Option<usize> {
        self.stops[..col.min(self.stops.len())].iter().rposition(|stop| *stop)
    }

    /// Columns with a stop, from 0.
    pub(crate) fn stops(&self) -> impl Iterator<Item = usize> + '_ {
        self.stops.iter().enumerate().filter_map(|(col, stop)| stop.then_some(col))
    }
}
