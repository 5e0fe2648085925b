//! Sessions with the programs that people use, and with the worst that a program can do.
#![cfg(target_os = "linux")]

#[macro_use]
mod stage;

mod bytes;
mod ends;
mod full_screen;
mod host_killed;
mod interpreter;
mod leaks;
mod prompts;
mod quick_exits;
mod screen;
mod screen_events;
mod screen_waits;
mod shell;
mod size;
