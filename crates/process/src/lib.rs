//! How it runs: spawn, pipes, wait, the process tree and its end.
