//! Programs on another host: started by a channel, drained at all times, ended with all they started.

mod aside;
mod child;
mod command;
mod drain;
mod execute;
mod marker;
mod queue;
mod start;

pub use child::{Child, Closed, Ending};
pub use command::Command;
pub use execute::Output;
pub use queue::{Chunk, Overflow};
