//! Black-box tests.

fn main() {}
