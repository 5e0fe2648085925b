//! What a sandbox stops, watched from inside: a program of our own that tries, real tools that must go on working, real
//! attacks that must not. All of it as root and as nobody.
#![cfg(target_os = "linux")]

mod attacks;
mod copies;
mod egress;
mod ends;
mod fail_closed;
mod host;
mod injection;
mod isolate;
mod place;
mod probes;
mod protect;
mod tools;

use place::Place;
